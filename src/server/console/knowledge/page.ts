/** The page of one help page: its text as answers cite it, where it comes from, who changed or switched it, and the buttons for both. */

import { capitalised } from "#core/values/words.ts";
import { lineDifference } from "#text/diff.ts";
import {
  offPeriods,
  type OffPeriod,
  writtenVersions,
  type WrittenVersion,
  type PageDoubt,
  pageDoubts,
} from "#store/knowledge/page-notes.ts";
import { z } from "zod";
import { dayText } from "#core/values/moment.ts";
import {
  allowAnyway,
  nameOfWritten,
  returnTo,
  switchOff,
  switchOn,
} from "#jobs/knowledge/pages.ts";
import { Reason, reasonForm, sendButton } from "#server/console/forms.ts";
import { sends, type PageContent, type Subject } from "#server/console/frame.ts";
import {
  aside,
  facts,
  fold,
  link,
  listView,
  row,
  rowView,
  section,
  soft,
} from "#server/console/parts.ts";
import { barredLinks } from "#text/about-text.ts";
import { linesView, markdownView } from "#server/console/texts.ts";
import { addressWith, html, type Html, type HtmlValue } from "#server/http/html.ts";
import { wholePage, type PagePassage, type WholePage } from "#store/console/help-pages.ts";
import { requirePage, writtenName } from "./edit.ts";
import { pageBadges, PATH, helpPagePath, READ_ONLY, sourceName, sourcePath } from "./list.ts";
import type { Caller, Visit } from "#server/console/session.ts";

const Version = z.strictObject({ version: z.int().min(1) });

/** The page of one help page, and what its buttons send. */
export const HELP_PAGE: Subject = {
  place: PATH,
  pages: { "/knowledge/page/:slug": helpPage },
  presses: {
    "/knowledge/page/:slug/return": sends(Version, (by, { version }) =>
      returnTo(by.options.pages, { name: writtenName(by), version, by }),
    ),
    "/knowledge/page/:slug/off": sends(Reason, turnOff),
    "/knowledge/page/:slug/on": (by) => switchOn(by.options.pages, { slug: by.named("slug"), by }),
    "/knowledge/page/:slug/allow": (by) =>
      allowAnyway(by.options.pages, { slug: by.named("slug"), by }),
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
    title: whole.page.title,
    isNarrow: true,
    tools: row(
      link(PATH, "All help pages"),
      visit.isLead ? changeLink(slug, name !== null) : READ_ONLY,
      html`<span class="badges">${pageBadges(whole.page, visit)}</span>`,
    ),
    body: html`${off !== null && offView(off, visit)}${doubts.map((doubt) => doubtView(doubt, visit))}${barredView(whole, visit)}${textView(whole)}${factsView(whole, visit)}
    ${off === null && visit.isLead && offForm(slug)} ${differences(slug, versions, visit)}
    ${historyView(slug, versions, periods, visit)}`,
  };
}

function changeLink(slug: string, isWritten: boolean): Html {
  return isWritten
    ? link(`${helpPagePath(slug)}/edit`, "Edit", "button")
    : link(addressWith(`${PATH}/new`, { copy: slug }), "Copy to edit", "button");
}

function offView({ slug, reason, offBy, offAt }: OffPeriod, visit: Visit): Html {
  return html`<section class="notice warn stack" id="off" aria-label="Switched off">
    <p>
      Switched off by ${offBy}, ${visit.when(offAt)}:
      <span class="words">${reason}</span>. No question finds it.
    </p>
    ${visit.isLead && row(sendButton("Switch it on again", { to: `${helpPagePath(slug)}/on` }))}
  </section>`;
}

/** What is told on saving, too, which leads here. */
function barredView({ passages }: WholePage, { parts }: Visit): readonly Html[] {
  const text = passages.map(({ body }) => body).join("\n");
  return barredLinks(text, parts.policy.linkHosts).map(
    (reason) => html`<p class="notice warn words">${reason}.</p>`,
  );
}

/** What is done about each kind of doubt. */
const CONSEQUENCES: Readonly<Record<PageDoubt["kind"], string>> = {
  instructions: "No answer to a customer rests on it.",
  contradiction: "A person decides on every answer that rests on this passage.",
  "source gone": "A person decides on every answer that rests on it.",
};

function doubtView({ kind, slug, passage, reason, allowedBy }: PageDoubt, visit: Visit): Html {
  const sentence = `${capitalised(reason)}.`;
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
      row(
        sendButton("Let answers rest on it", { to: `${helpPagePath(slug)}/allow` }),
        aside("When its text changes, it is checked again."),
      )
    }
  </section>`;
}

/** A page of a hundred passages is longer than a lead reads here; the rest stays where the page comes from. */
const CHARACTERS_MAX = 60_000;

/** The text with its passages, as answers cite them. */
function textView({ page, passages }: WholePage): Html {
  const shown: PagePassage[] = [];
  let characters = 0;
  for (const passage of passages) {
    characters += passage.body.length;
    if (characters > CHARACTERS_MAX && shown.length > 0) break;
    shown.push(passage);
  }
  const left = passages.length - shown.length;
  return html`<article class="box page-text" aria-label="${page.title}">
    ${shown.map((passage, index) => passageView(passage, shown[index - 1]?.heading ?? ""))}
    ${passages.length === 0 && soft("It has no text.")}
    ${left > 0 && soft(`And ${left} more passages.`)}
  </article>`;
}

/** A passage is what an answer cites, so each says by which name. */
function passageView({ id, heading, body }: PagePassage, before: string): Html {
  const path = heading.split(" › ");
  return html`<section class="passage" id="${id}" tabindex="-1">
    ${heading === "" || heading === before ? "" : html`<h2>${path.at(-1) ?? ""}</h2>`}
    ${markdownView(body)}
    <p class="soft cited">${id.slice(id.lastIndexOf("#"))}</p>
  </section>`;
}

/** What is known of a page besides its text. */
function factsView({ page, passages }: WholePage, { now }: Visit): Html {
  const { url, source, slug, language, audience, validFrom, validUntil, brands, owner } = page;
  return section(
    "facts",
    "About this page",
    facts([
      ["From", link(sourcePath(source), sourceName(source))],
      ["Cited as", slug],
      ["Customers read it at", url === "" ? "nowhere that is known" : linkTo(url)],
      ["For", audience === "team" ? "the team only" : "customers"],
      ["Language", language],
      ["Brands", brands.join(", ")],
      ["Valid from", validFrom === null ? null : dayText(validFrom, now)],
      ["Valid until", validUntil === null ? null : dayText(validUntil, now)],
      ["Owner", owner],
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
  const form = {
    press: "Switch it off",
    aside: aside("No question finds it from then on. You can switch it on again."),
  };
  return fold(
    "Switch it off…",
    reasonForm(`${helpPagePath(slug)}/off`, form, "Why? The team reads this"),
    { id: "switch-off", class: "box" },
  );
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

/** One thing that happened to a page, and when. */
function writing(
  slug: string,
  { version, note, author, at, title }: WrittenVersion,
  versions: readonly WrittenVersion[],
  visit: Visit,
) {
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
    badges: [
      version !== 1 && link(`${compared}#differences`, "What changed"),
      !isNewest && visit.isLead && html`<span class="act">${back}</span>`,
    ],
  });
  return { at, view };
}

function switching({ reason, offBy, offAt, onBy, onAt }: OffPeriod, { when }: Visit) {
  const happening = (what: string, at: Date, about: string, excerpt?: string) => ({
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
    html`${soft(html`${newer.author}, ${visit.when(newer.at)} · ${link(helpPagePath(slug), "Close")}`)}
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
    ["Valid from", validFrom ?? ""],
    ["Valid until", validUntil ?? ""],
    ["Labels", labels.join(", ")],
    ["Owner", owner],
  ];
  const lines = known.flatMap(([name, value]) => (value === "" ? [] : [`${name}: ${value}`]));
  return [...lines, "", body].join("\n");
}

/** Switches the page off; there has to be one of this name. */
async function turnOff(by: Caller, { reason }: z.infer<typeof Reason>): Promise<object> {
  const slug = by.named("slug");
  await requirePage(by, slug);
  await switchOff(by.options.pages, { slug, reason, by });
  return { address: helpPagePath(slug) };
}
