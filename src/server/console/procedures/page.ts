/** The page of one procedure: what is in use and what waits, its text, what differs, and its history. */

import type { Request } from "express";
import { z } from "zod";
import { subjectOf } from "#core/contracts/approval-desk.ts";
import { momentText } from "#core/values/moment.ts";
import { procedureCard } from "#jobs/policy/card.ts";
import { isPlaying } from "#jobs/procedures/drafts.ts";
import { digestOf } from "#jobs/procedures/publish.ts";
import { lookedAt, versionsNamed } from "#jobs/procedures/shelf.ts";
import { readProcedure } from "#procedures/format.ts";
import { cardView } from "#server/console/card/card-view.ts";
import type { PageContent, Visit } from "#server/console/frame.ts";
import { linesView } from "#server/console/line-difference.ts";
import { asked, named, type Desk } from "#server/console/visit.ts";
import { html, type Html, type HtmlValue } from "#server/http/html.ts";
import { loadVersion, type ProcedureVersion } from "#store/procedures/versions.ts";
import { lineDifference } from "#text/line-diff.ts";
import {
  originWords,
  PATH,
  pathOf,
  problemList,
  procedureView,
  rawView,
  stateBadge,
  testWords,
  versionWords,
} from "./words.ts";

/** The text that a page shows: of a version, or of the file while there is none. */
interface Shown {
  readonly text: string;
  readonly label: string;
}

/**
 * Everything about one procedure. An id of a version, as a card's link has it, leads on to the page of its name; null
 * where nothing of this name is known.
 */
export async function procedurePage(
  desk: Desk,
  visit: Visit,
  request: Request,
): Promise<PageContent | string | null> {
  const { procedures: shelf } = desk.options;
  const name = named(request, "name");
  if (subjectOf(name) === "procedure") {
    const version = await shelf.desk.store.run((transaction) => loadVersion(transaction, name));
    return version === null ? null : `${pathOf(version.name)}#${version.id}`;
  }
  const versions = await versionsNamed(shelf, name);
  const file = shelf.files().find((one) => one.name === name)?.text ?? null;
  const shown = shownOf(versions, file, asked(request, "version"));
  if (shown === null) return null;
  const read = readProcedure(name, shown.text);
  const { problems } = await lookedAt(shelf, { name, text: shown.text });
  return {
    place: PATH,
    title: read.kind === "read" ? read.procedure.title : name,
    tools: html`<p class="row">
      <a href="${PATH}">All procedures</a><span class="soft words">${name}</span>${
        visit.role === "lead"
          ? html`<a class="button" href="${pathOf(name)}/edit">Edit</a>`
          : html`<span class="soft">A lead can change it.</span>`
      }
    </p>`,
    body: html`${newFile(name, versions, file, visit)}
      <section
        id="now"
        class="stack"
        aria-label="What is in use and what waits"
        data-live="/console/part/procedures/${encodeURIComponent(name)}"
      >
        ${nowView(versions, visit)}
      </section>
      <section class="box stack" aria-labelledby="text-title" id="text">
        <h2 id="text-title">${shown.label}</h2>
        ${problemList(problems)}
        ${read.kind === "read" ? procedureView(read.procedure) : rawView(shown.text)}
        ${
          read.kind === "read"
            ? html`<details>
                <summary>As it is written</summary>
                ${rawView(shown.text)}
              </details>`
            : ""
        }
      </section>
      ${differencesView(name, versions, {
        from: asked(request, "from"),
        to: asked(request, "to"),
      })}
      ${historyView(name, versions, visit)}`,
  };
}

/** What changes while one looks, alone, which the page asks for again. */
export async function procedureNow(desk: Desk, visit: Visit, request: Request): Promise<Html> {
  const versions = await versionsNamed(desk.options.procedures, named(request, "name"));
  return html`${nowView(versions, visit)}`;
}

/** The version that was asked for; else the one in use, else what waits, is being written, or was there last. */
function shownOf(
  versions: readonly ProcedureVersion[],
  file: string | null,
  wanted: string,
): Shown | null {
  const number = z.coerce.number().int().min(1).safeParse(wanted).data;
  const first =
    versions.find(({ version }) => version === number) ??
    versions.find(({ state }) => state === "published") ??
    versions.find(({ state }) => state === "proposed") ??
    versions.find(({ state }) => state === "draft") ??
    (file === null ? versions[0] : undefined);
  if (first === undefined)
    return file === null ? null : { text: file, label: "The file; nothing is in use" };
  const words = versionWords(first);
  return { text: first.text, label: `${words[0]?.toUpperCase() ?? ""}${words.slice(1)}` };
}

/** A file whose text no version has: it was changed outside the console. */
function newFile(
  name: string,
  versions: readonly ProcedureVersion[],
  file: string | null,
  { role }: Visit,
): HtmlValue {
  if (file === null || versions.some(({ digest }) => digest === digestOf(file))) return null;
  return html`<p class="notice warn" id="new-file">
    The file ${name}.md has a text that was never in
    use${
      role === "lead" ? html`: <a href="${pathOf(name)}/edit?from=file">make it the draft</a>` : ""
    }.
  </p>`;
}

function nowView(versions: readonly ProcedureVersion[], visit: Visit): readonly HtmlValue[] {
  const of = (state: ProcedureVersion["state"]): ProcedureVersion | null =>
    versions.find((one) => one.state === state) ?? null;
  const [inUse, proposed, draft] = [of("published"), of("proposed"), of("draft")];
  const card =
    proposed === null
      ? null
      : cardView({ ...procedureCard(proposed, inUse), zone: visit.zone }, null);
  return [
    card,
    draft === null ? null : draftView(draft, visit),
    inUse === null
      ? html`<p class="box soft" id="unused">
          No version of it is in use, so no answer follows it.
        </p>`
      : inUseView(inUse, visit),
  ];
}

function draftView(draft: ProcedureVersion, visit: Visit): Html {
  const { name, version } = draft;
  const at = pathOf(name);
  return html`<article class="box stack" id="draft">
    <h2>Version ${version} is a draft, ${originWords(draft)}</h2>
    ${testView(draft, visit)}
    ${
      visit.role === "lead"
        ? html`<div class="row">
            ${testButton(draft, visit)}${
              draft.testedAt === null
                ? html`<span class="soft">It can be published once its tests have passed.</span>`
                : html`<button
                    type="button"
                    class="main"
                    data-send="${at}/publish"
                    data-body="${JSON.stringify({ version })}"
                  >
                    Ask the leads to publish it
                  </button>`
            }<a class="button" href="${at}/edit">Edit</a>${endButton(draft, "discard", {
              label: "Give it up",
              asks: `Give up version ${version}? Its text stays in the history below, and what is in use stays.`,
            })}
          </div>`
        : ""
    }
  </article>`;
}

function inUseView(inUse: ProcedureVersion, visit: Visit): Html {
  const { version, closing, publishedAt } = inUse;
  const since =
    publishedAt === null ? "" : `, since ${momentText(publishedAt, visit.zone, visit.now)}`;
  return html`<article class="box stack" id="in-use">
    <h2>Version ${version} is in use${since}</h2>
    <p class="soft words">
      ${[originWords(inUse), closing].filter((part) => part !== "").join(" · ")}
    </p>
    ${testView(inUse, visit)}
    ${
      visit.role === "lead"
        ? html`<div class="row">
            ${testButton(inUse, visit)}${endButton(inUse, "rollback", {
              label: "Take it back",
              asks: `Take version ${version} back? The version before it is in use again at once; without one, no answer follows this procedure.`,
            })}
          </div>`
        : ""
    }
  </article>`;
}

/** A button that ends a version once its question was confirmed. */
function endButton(
  { name, version }: ProcedureVersion,
  way: "discard" | "rollback",
  { label, asks }: { readonly label: string; readonly asks: string },
): Html {
  return html`<button
    type="button"
    data-send="${pathOf(name)}/${way}"
    data-body="${JSON.stringify({ version })}"
    data-confirm="${asks}"
    data-approve="${label}"
  >
    ${label}
  </button>`;
}

function testView(version: ProcedureVersion, visit: Visit): Html {
  const { testedAt, testEndedAt, testLines } = version;
  const mark = testedAt !== null ? "ok" : testEndedAt !== null ? "bad" : "soft";
  return html`<p class="${mark}">${testWords(version, visit)}</p>
    ${
      testLines.length === 0
        ? ""
        : html`<details open="">
            <summary>What they came to</summary>
            <pre class="trace" tabindex="0">${testLines.join("\n")}</pre>
          </details>`
    }`;
}

function testButton(version: ProcedureVersion, { now }: Visit): Html {
  return html`<button
    type="button"
    data-send="${pathOf(version.name)}/test"
    data-body="${JSON.stringify({ version: version.version })}"
    ${isPlaying(version, now) ? html`disabled=""` : ""}
  >
    Play its tests
  </button>`;
}

function historyView(name: string, versions: readonly ProcedureVersion[], visit: Visit): HtmlValue {
  if (versions.length === 0) return null;
  return html`<section class="stack" aria-labelledby="history-title">
    <h2 id="history-title">History</h2>
    <ol class="cases">
      ${versions.map((version) => historyRow(name, version, visit))}
    </ol>
  </section>`;
}

function historyRow(name: string, version: ProcedureVersion, { zone, now }: Visit): Html {
  const { id, state, createdAt, closing, votes } = version;
  const about = [
    originWords(version),
    closing,
    ...(state === "proposed" && votes.length > 0
      ? [`agreed: ${votes.map((vote) => vote.name).join(", ")}`]
      : []),
  ].filter((part) => part !== "");
  return html`<li
    class="case-row"
    id="${state === "proposed" ? `history-${id}` : id}"
    tabindex="-1"
  >
    <a class="what" href="${pathOf(name)}?version=${version.version}#text"
      >Version ${version.version}</a
    ><span class="money">${momentText(createdAt, zone, now)}</span
    ><span class="meta">${about.join(" · ")}</span
    ><span class="badges">${stateBadge(version)}</span>
  </li>`;
}

// What differs between two versions of a procedure, line by line.

/**
 * A form to choose two versions, and their differences. Without a choice it compares what is in use, or was last, with
 * the newest one.
 */
function differencesView(
  name: string,
  versions: readonly ProcedureVersion[],
  chosen: { readonly from: string; readonly to: string },
): HtmlValue {
  if (versions.length < 2) return null;
  const by = (wanted: string): ProcedureVersion | undefined =>
    versions.find(({ version }) => String(version) === wanted);
  const to = by(chosen.to) ?? versions[0];
  const others = versions.filter((one) => one !== to);
  const from = by(chosen.from) ?? others.find(({ state }) => state === "published") ?? others[0];
  if (to === undefined || from === undefined) return null;
  return html`<section class="box stack" aria-labelledby="diff-title" id="differences">
    <h2 id="diff-title">What is different</h2>
    <form class="filters" method="get" action="${pathOf(name)}#differences" data-filters="">
      ${choice("from", "Between", versions, from)}${choice("to", "and", versions, to)}
      <button type="submit">Compare</button>
    </form>
    ${linesView(lineDifference(from.text, to.text))}
  </section>`;
}

function choice(
  name: string,
  label: string,
  versions: readonly ProcedureVersion[],
  chosen: ProcedureVersion,
): Html {
  return html`<label
    >${label}<select name="${name}">
      ${versions.map(
        (one) =>
          html`<option value="${one.version}" ${one === chosen ? html`selected=""` : ""}>
            ${versionWords(one)}
          </option>`,
      )}
    </select></label
  >`;
}
