/** The page of one help page: its text as answers cite it, where it comes from, who changed or switched it, and the buttons for both. */

import { lineDifference } from "#text/diff.ts";
import {
  offPeriods,
  type OffPeriod,
  writtenVersions,
  type WrittenVersion,
} from "#store/knowledge/written-pages.ts";
import { z } from "zod";
import { dayText } from "#core/values/moment.ts";
import {
  allowAnyway,
  nameOfWritten,
  returnTo,
  switchOff,
  switchOn,
} from "#jobs/knowledge/pages.ts";
import type { PageContent } from "#server/console/frame.ts";
import type { Subject } from "#server/console/visit.ts";
import { Reason, reasonForm, sendButton } from "#server/console/forms.ts";
import { facts, linesView, listView, rowView, section } from "#server/console/parts.ts";
import { addressWith, html, type Html, type HtmlValue } from "#server/http/html.ts";
import { wholePage, type WholePage } from "#store/console/help-pages.ts";
import { type PageDoubt, pageDoubts } from "#store/knowledge/page-doubts.ts";
import { requirePage, writtenName } from "./edit.ts";
import { pageBadges, PATH, helpPagePath, READ_ONLY, sourceName, sourcePath } from "./list.ts";
import { textView } from "./page-text.ts";
import type { Caller, Visit } from "#server/console/session.ts";

/** The page of one help page, and what its buttons send. */
export const HELP_PAGE: Subject = {
  pages: { "/knowledge/page/:slug": helpPage },
  presses: {
    "/knowledge/page/:slug/return": goBack,
    "/knowledge/page/:slug/off": turnOff,
    "/knowledge/page/:slug/on": turnOn,
    "/knowledge/page/:slug/allow": allow,
  },
  leadsOnly: "only a lead can change help pages",
};

/** Null where no page has this name. */
async function helpPage(visit: Visit): Promise<PageContent | null> {
  const slug = visit.named("slug");
  const name = nameOfWritten(slug);
  const { whole, doubts, periods, versions } = await visit.run(async (transaction) => ({
    whole: await wholePage(transaction, slug),
    doubts: await pageDoubts(transaction, slug),
    periods: await offPeriods(transaction, slug),
    versions: name === null ? [] : await writtenVersions(transaction, name),
  }));
  if (whole === null) return null;
  const off = periods.find(({ onAt }) => onAt === null) ?? null;
  return {
    place: PATH,
    title: whole.page.title,
    isNarrow: true,
    tools: html`<p class="row">
      <a href="${PATH}">All help pages</a>${
        visit.isLead ? changeLink(slug, name !== null) : READ_ONLY
      }<span class="badges">${pageBadges(whole.page, visit)}</span>
    </p>`,
    body: html`${off !== null && offView(off, visit)}${doubts.map((doubt) => doubtView(doubt, visit))}${textView(whole)}${factsView(whole, visit)}
    ${off === null && visit.isLead && offForm(slug)} ${differences(slug, versions, visit)}
    ${historyView(slug, versions, periods, visit)}`,
  };
}

function changeLink(slug: string, isWritten: boolean): Html {
  return isWritten
    ? html`<a class="button" href="${helpPagePath(slug)}/edit">Edit</a>`
    : html`<a class="button" href="${addressWith(`${PATH}/new`, { copy: slug })}">Copy to edit</a>`;
}

function offView({ slug, reason, offBy, offAt }: OffPeriod, visit: Visit): Html {
  return html`<section class="notice warn stack" id="off" aria-label="Switched off">
    <p>
      Switched off by ${offBy}, ${visit.when(offAt)}:
      <span class="words">${reason}</span>. No question finds it.
    </p>
    ${
      visit.isLead &&
      html`<p class="row">
        ${sendButton("Switch it on again", { to: `${helpPagePath(slug)}/on` })}
      </p>`
    }
  </section>`;
}

/** What is done about each kind of doubt. */
const CONSEQUENCES: Readonly<Record<PageDoubt["kind"], string>> = {
  instructions: "No answer to a customer rests on it.",
  contradiction: "A person decides on every answer that rests on this passage.",
  "source gone": "A person decides on every answer that rests on it.",
};

function doubtView({ kind, slug, passage, reason, allowedBy }: PageDoubt, visit: Visit): Html {
  const sentence = `${reason.charAt(0).toUpperCase()}${reason.slice(1)}.`;
  if (allowedBy !== "")
    return html`<p class="notice words">
      ${sentence} ${allowedBy} allowed answers to rest on it as it is now.
    </p>`;
  return html`<section class="notice warn stack" aria-label="In doubt">
    <p>
      <span class="words"
        >${passage === "" ? "" : `${passage.slice(passage.lastIndexOf("#"))}: `}${sentence}</span
      >
      ${CONSEQUENCES[kind]}
    </p>
    ${
      kind === "instructions" &&
      visit.isLead &&
      html`<p class="row">
        ${sendButton("Let answers rest on it", { to: `${helpPagePath(slug)}/allow` })}<span
          class="soft"
          >When its text changes, it is looked at anew.</span
        >
      </p>`
    }
  </section>`;
}

/** What is known of a page besides its text. */
function factsView({ page, passages }: WholePage, { now }: Visit): Html {
  const { url, source, slug, language, audience, validFrom, validUntil, brands, owner } = page;
  return section(
    "facts",
    "About this page",
    facts([
      ["From", html`<a href="${sourcePath(source)}">${sourceName(source)}</a>`],
      ["Cited as", slug],
      ["Customers read it at", url === "" ? "nowhere; answers name its title alone" : linkTo(url)],
      ["For", audience === "team" ? "the team only" : "customers"],
      ["Language", language],
      ["Brands", brands.join(", ")],
      ["Holds from", validFrom === null ? null : dayText(validFrom, now)],
      ["Holds until", validUntil === null ? null : dayText(validUntil, now)],
      ["Kept right by", owner],
      ["Changed", dayText(page.updated, now)],
      ["Passages", passages.length],
    ]),
  );
}

/** An address of a source's own making is a link only where it leads to the web. */
function linkTo(url: string): HtmlValue {
  return /^https?:\/\//.test(url)
    ? html`<a href="${url}" rel="noopener noreferrer">${url}</a>`
    : url;
}

function offForm(slug: string): Html {
  return html`<details class="box" id="switch-off">
    <summary>Switch it off…</summary>
    ${reasonForm(
      `${helpPagePath(slug)}/off`,
      {
        press: "Switch it off",
        aside: "No question finds it from then on. You can switch it on again.",
      },
      "Why? The team reads this",
    )}
  </details>`;
}

// Who changed a page and when, who switched it off and on, and what differs between two texts.

/** Everything that people did with a page, newest first; nothing for a page that was never touched here. */
function historyView(
  slug: string,
  versions: readonly WrittenVersion[],
  periods: readonly OffPeriod[],
  visit: Visit,
): HtmlValue {
  const rows = [
    ...versions.map((version) => writing(slug, version, versions, visit)),
    ...periods.flatMap((period) => switching(period, visit)),
  ].toSorted((one, other) => other.at.getTime() - one.at.getTime());
  if (rows.length === 0) return null;
  return section("history", "History", listView({ rows: rows.map(({ view }) => view) }), "plain");
}

/** One thing that happened to a page. */
interface Happening {
  readonly at: Date;
  readonly view: Html;
}

function writing(
  slug: string,
  { version, note, author, at, title }: WrittenVersion,
  versions: readonly WrittenVersion[],
  visit: Visit,
): Happening {
  const isNewest = version === versions[0]?.version;
  const compared = addressWith(helpPagePath(slug), { from: version - 1, to: version });
  const back = sendButton("Go back to it", {
    to: `${helpPagePath(slug)}/return`,
    body: { version },
    asks: `Go back to the text of version ${version}? Questions find it at once, and every version stays in the history.`,
    agree: "Go back",
  });
  const view = rowView({
    what: `Version ${version}${isNewest ? ", as it is now" : ""}`,
    aside: visit.when(at),
    excerpt: note === "" ? title : note,
    about: author,
    badges: html`${
      version !== 1 && html`<a href="${compared}#differences">What changed</a>`
    }${isNewest || !visit.isLead ? "" : html`<span class="act">${back}</span>`}`,
  });
  return { at, view };
}

function switching(
  { reason, offBy, offAt, onBy, onAt }: OffPeriod,
  { when }: Visit,
): readonly Happening[] {
  const happening = (what: string, at: Date, about: string, excerpt?: string): Happening => ({
    at,
    view: rowView({ what, aside: when(at), about, ...(excerpt && { excerpt }) }),
  });
  return [
    ...(onAt === null ? [] : [happening("Switched on again", onAt, onBy)]),
    happening("Switched off", offAt, offBy, reason),
  ];
}

/** What the two versions of the address have different; nothing where it names none. */
function differences(slug: string, versions: readonly WrittenVersion[], visit: Visit): HtmlValue {
  const [older, newer] = ["from", "to"].map((end) =>
    versions.find(({ version }) => String(version) === visit.asked(end)),
  );
  if (newer === undefined || older === undefined) return null;
  return section(
    "differences",
    `What changed from version ${older.version} to version ${newer.version}`,
    html`<p class="soft">
        ${newer.author}, ${visit.when(newer.at)} ·
        <a href="${helpPagePath(slug)}">Close</a>
      </p>
      ${linesView(lineDifference(wholeText(older), wholeText(newer)))}`,
  );
}

/** The text with what else a version says of its page, so that a change of either is seen. */
function wholeText(version: WrittenVersion): string {
  const { title, url, language, audience, brands, validFrom, validUntil, owner, labels, body } =
    version;
  const known: readonly (readonly [string, string])[] = [
    ["Title", title],
    ["Address", url],
    ["Language", language],
    ["For", audience === "team" ? "the team only" : "customers"],
    ["Brands", brands.join(", ")],
    ["Holds from", validFrom ?? ""],
    ["Holds until", validUntil ?? ""],
    ["Labels", labels.join(", ")],
    ["Kept right by", owner],
  ];
  const lines = known.flatMap(([name, value]) => (value === "" ? [] : [`${name}: ${value}`]));
  return [...lines, "", body].join("\n");
}

// What the buttons of the page send.

const Version = z.strictObject({ version: z.int().min(1) });

async function goBack(press: Caller): Promise<void> {
  const { version } = press.sent(Version);
  await returnTo(press.options.pages, { name: writtenName(press), version, by: press });
}

async function turnOff(press: Caller): Promise<object> {
  const { reason } = press.sent(Reason);
  const slug = press.named("slug");
  await requirePage(press, slug);
  await switchOff(press.options.pages, { slug, reason, by: press });
  return { address: helpPagePath(slug) };
}

async function turnOn(press: Caller): Promise<void> {
  await switchOn(press.options.pages, { slug: press.named("slug"), by: press });
}

async function allow(press: Caller): Promise<void> {
  await allowAnyway(press.options.pages, { slug: press.named("slug"), by: press });
}
