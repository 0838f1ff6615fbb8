/** The page of one procedure: what is in use and what waits, its text, what differs, and its history. */

import { capitalised } from "#core/values/words.ts";
import type { LineProblem } from "#policy/yaml.ts";
import { procedureCard } from "#jobs/policy/card.ts";
import { decisionSubject } from "#core/contracts/approval-desk.ts";
import { isPlaying, lookedAt, versionsNamed } from "#jobs/procedures/shelf.ts";
import { readProcedure, type Procedure, stepPieces } from "#procedures/format.ts";
import { cardView } from "#server/console/case/card.ts";
import { sendButton } from "#server/console/forms.ts";
import type { PageContent, Subject } from "#server/console/frame.ts";
import {
  aside,
  dotted,
  facts,
  fold,
  lineList,
  link,
  listView,
  none,
  row,
  rowView,
  section,
  trace,
  type Fact,
} from "#server/console/parts.ts";
import { linesView } from "#server/console/texts.ts";
import { addressWith, html, type Html, type HtmlValue } from "#server/http/html.ts";
import { loadVersion, type ProcedureVersion } from "#store/procedures/versions.ts";
import { lineDifference } from "#text/diff.ts";
import { wholeNumber, type Visit } from "#server/console/session.ts";
import {
  hasOtherText,
  originWords,
  PATH,
  procedurePath,
  proceduresPage,
  stateBadge,
  testWords,
  versionIn,
  versionWords,
} from "./list.ts";

/** The list, and the page of one procedure, which asks for itself again. */
export const PROCEDURES: Subject = {
  place: PATH,
  pages: { "/procedures": proceduresPage, "/procedures/:name": procedurePage },
  parts: { "/procedures/:name": procedureNow },
};

/**
 * Everything about one procedure. An id of a version, as a card's link has it, leads on to the page of its name; null
 * where nothing of this name is known.
 */
async function procedurePage(visit: Visit): Promise<PageContent | string | null> {
  const { procedures: shelf } = visit.options;
  const name = visit.named("name");
  if (decisionSubject(name) === "procedure") {
    const version = await shelf.desk.store.run(loadVersion, name);
    return version === null ? null : `${procedurePath(version.name)}#${version.id}`;
  }
  const versions = await versionsNamed(shelf, name);
  const file = shelf.files().find((one) => one.name === name)?.text ?? null;
  const shown = shownVersion(versions, file, visit.asked("version"));
  if (shown === null) return null;
  const { text, label } = shown;
  const read = readProcedure(name, text);
  const { problems } = await lookedAt(shelf, { name, text });
  const rows = versions.map((version) => historyRow(version, visit));
  const live = addressWith(`/console/part/procedures/${encodeURIComponent(name)}`, {
    version: visit.asked("version"),
  });
  return {
    title: read.kind === "read" ? read.procedure.title : name,
    tools: row(
      link(PATH, "All procedures"),
      html`<span class="soft words">${name}</span>`,
      visit.isLead
        ? link(`${procedurePath(name)}/edit`, "Edit", "button")
        : aside("A lead can change it."),
    ),
    body: html`${newFile(name, versions, file, visit)}
      <section
        id="now"
        class="stack"
        aria-label="What is in use and what waits"
        data-parts=""
        data-live="${live}"
      >
        ${nowView(versions, visit)}
      </section>
      ${section(
        "text",
        label,
        html`<div class="stack" id="text-shown">
          ${problemList(problems)}
          ${
            read.kind === "read"
              ? html`${procedureView(read.procedure)} ${fold("As it is written", rawView(text))}`
              : rawView(text)
          }
        </div>`,
      )}
      ${differencesView(versions, shown.version)}
      ${versions.length > 0 && section("history", "History", listView({ id: "versions", rows }), "plain")}`,
  };
}

/** What changes while one looks: a test what is on top, a vote everything. */
async function procedureNow(visit: Visit): Promise<Html> {
  const page = await procedurePage(visit);
  return html`${page !== null && typeof page !== "string" && page.body}`;
}

/**
 * The text that a page shows: of the version that was asked for; else the one in use, else what waits, is being
 * written, or was there last; of the file while there is none.
 */
function shownVersion(
  versions: readonly ProcedureVersion[],
  file: string | null,
  wanted: string,
): { readonly text: string; readonly label: string; readonly version?: ProcedureVersion } | null {
  const number = wholeNumber(wanted);
  const first =
    versions.find(({ version }) => version === number) ??
    versionIn(versions, "published", "proposed", "draft") ??
    (file === null ? versions[0] : undefined);
  if (first === undefined)
    return file === null ? null : { text: file, label: "The file; nothing is in use" };
  return { text: first.text, label: capitalised(versionWords(first)), version: first };
}

function newFile(
  name: string,
  versions: readonly ProcedureVersion[],
  file: string | null,
  { isLead }: Visit,
): HtmlValue {
  if (!hasOtherText(file, versions)) return null;
  return html`<p class="notice warn">
    The file ${name}.md has a text that was never in
    use${isLead && html`: ${link(`${procedurePath(name)}/edit?from=file`, "make it the draft")}`}.
  </p>`;
}

function nowView(versions: readonly ProcedureVersion[], visit: Visit): readonly HtmlValue[] {
  const inUse = versionIn(versions, "published");
  const proposed = versionIn(versions, "proposed");
  const draft = versionIn(versions, "draft");
  return [
    proposed !== undefined &&
      cardView({ ...procedureCard(proposed, inUse ?? null), zone: visit.zone }, null),
    draft !== undefined && draftView(draft, visit),
    inUse === undefined
      ? none("No version of it is in use, so no answer follows it.", "unused")
      : inUseView(inUse, visit),
  ];
}

function draftView(draft: ProcedureVersion, visit: Visit): Html {
  const { name, version, testedAt } = draft;
  const at = procedurePath(name);
  const ask = { to: `${at}/publish`, body: { version }, className: "main" };
  return versionView(draft, visit, {
    id: "draft",
    title: `Version ${version} is a draft, ${originWords(draft)}`,
    about: "",
    buttons: [
      testedAt === null
        ? aside("It can be published once its tests have passed.")
        : sendButton("Ask the leads to publish it", ask),
      link(`${at}/edit`, "Edit", "button"),
      sendButton("Give it up", {
        to: `${at}/discard`,
        body: { version },
        asks: `Give up version ${version}? Its text stays in the history below, and what is in use stays.`,
      }),
    ],
  });
}

function inUseView(inUse: ProcedureVersion, visit: Visit): Html {
  const { name, version, closing, publishedAt } = inUse;
  const since = publishedAt === null ? "" : `, since ${visit.when(publishedAt)}`;
  return versionView(inUse, visit, {
    id: "in-use",
    title: `Version ${version} is in use${since}`,
    about: dotted([originWords(inUse), closing]),
    buttons: sendButton("Take it back", {
      to: `${procedurePath(name)}/rollback`,
      body: { version },
      asks: `Take version ${version} back? The version before it is in use again at once; without one, no answer follows this procedure.`,
    }),
  });
}

/** A version with what its tests came to; leads have the buttons. */
function versionView(
  version: ProcedureVersion,
  visit: Visit,
  {
    id,
    title,
    about,
    buttons,
  }: Readonly<Record<"id" | "title" | "about", string>> & { readonly buttons: HtmlValue },
): Html {
  const { testedAt, testEndedAt, testLines } = version;
  const mark = testedAt !== null ? "ok" : testEndedAt !== null ? "bad" : "soft";
  const testButton = sendButton("Run its tests", {
    to: `${procedurePath(version.name)}/test`,
    body: { version: version.version },
    isOff: isPlaying(version, visit.now),
  });
  return html`<article class="box stack" id="${id}">
    <h2>${title}</h2>
    ${about !== "" && html`<p class="soft words">${about}</p>`}
    <p class="${mark}">${testWords(version, visit)}</p>
    ${
      testLines.length > 0 && fold("What they came to", trace(testLines.join("\n")), { open: true })
    }
    ${visit.isLead && row(testButton, buttons)}
  </article>`;
}

function historyRow(version: ProcedureVersion, { when }: Visit): Html {
  const { id, name, state, createdAt, closing, votes } = version;
  const agreed = votes.map((vote) => vote.name).join(", ");
  return rowView({
    id: state === "proposed" ? `history-${id}` : id,
    href: `${procedurePath(name)}?version=${version.version}#text`,
    what: `Version ${version.version}`,
    aside: when(createdAt),
    about: dotted([
      originWords(version),
      closing,
      state === "proposed" && agreed !== "" ? `agreed: ${agreed}` : "",
    ]),
    badges: stateBadge(version),
  });
}

/** How the version that is shown differs from the one in use; where that is shown, from the newest of the others. */
function differencesView(
  versions: readonly ProcedureVersion[],
  shown: ProcedureVersion | undefined,
): HtmlValue {
  const others = versions.filter((one) => one !== shown);
  const other = versionIn(others, "published") ?? others[0];
  if (shown === undefined || other === undefined) return null;
  const [from, to] = [shown, other].toSorted((one, two) => one.version - two.version);
  if (from === undefined || to === undefined) return null;
  return section(
    "differences",
    `From ${versionWords(from)} to ${versionWords(to)}`,
    html`<div id="differences-shown">${linesView(lineDifference(from.text, to.text))}</div>`,
  );
}

// The text of a version.

/** A text as it is followed: when it applies, its steps, its tests. */
function procedureView(procedure: Procedure): Html {
  const { when, owner, tools, channels, brands, languages, steps, cases } = procedure;
  const known: readonly Fact[] = [
    ["When", when],
    ["Channels", channels?.join(", ") ?? "all"],
    ["Brands", brands?.join(", ") ?? "all"],
    ["Languages", languages?.join(", ") ?? "all"],
    ["Tools", tools.join(", ")],
    ["Owner", owner],
  ];
  return html`${facts(known, "auto")}
    <ol class="procedure-steps">
      ${steps.map(({ number, text }) => html`<li id="step-${number}" dir="auto">${stepView(text)}</li>`)}
    </ol>
    ${
      cases.length > 0 &&
      fold(
        `Its ${cases.length === 1 ? "test" : `${cases.length} tests`}`,
        html`<ul class="tests">
          ${cases.map(
            ({ name, from, says, expects }) =>
              html`<li>
                <b>${name}</b>: ${from === "" ? "an unknown person" : from} writes
                ${says.map((line) => html`“${line}” `)}and the answer has
                ${expects
                  .map(
                    ({ of, not, value }) =>
                      `${not ? "no " : ""}${of}${value === "" ? "" : ` “${value}”`}`,
                  )
                  .join(", ")}.
              </li>`,
          )}
        </ul>`,
      )
    }`;
}

function stepView(text: string): readonly HtmlValue[] {
  return stepPieces(text).map((piece) => {
    if (piece.kind === "words") return piece.text;
    return piece.kind === "procedure"
      ? link(procedurePath(piece.name), piece.name)
      : html`<code>${piece.kind === "tool" ? piece.text : piece.name}</code>`;
  });
}

/** A text that cannot be read as a procedure, as it was written, with the numbers of its lines. */
function rawView(text: string): Html {
  return html`<pre class="trace numbered" tabindex="0">
${text
  .split("\n")
  .map((line, index) => `${String(index + 1).padStart(4)}  ${line}`)
  .join("\n")}</pre>`;
}

/** Mistakes with their lines, for a page that is only read. */
function problemList(problems: readonly LineProblem[]): HtmlValue {
  if (problems.length === 0) return null;
  const count = problems.length === 1 ? "One mistake" : `${problems.length} mistakes`;
  return html`<div class="notice problem" id="mistakes">
    <p>${count}: this text can be neither tested nor published.</p>
    ${lineList(problems.map(({ line, reason }) => `Line ${line}: ${reason}`))}
  </div>`;
}
