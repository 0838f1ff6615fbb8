/** Who changed a page and when, who switched it off and on, and what differs between two texts. */
import { lineDifference } from "#text/diff.ts";
import { momentText } from "#core/values/moment.ts";
import type { OffPeriod, WrittenVersion } from "#store/knowledge/written-pages.ts";
import { addressWith, html, type Html, type HtmlValue } from "#server/http/html.ts";
import type { Visit } from "#server/console/frame.ts";
import { linesView } from "#server/console/line-difference.ts";
import { pathOf } from "./words.ts";

/** One thing that happened to a page. */
interface Happening {
  readonly at: Date;
  readonly view: Html;
}

/** What the address asks to compare: numbers of versions, or nothing. */
interface Shown {
  readonly visit: Visit;
  readonly from: string;
  readonly to: string;
}

/** Everything that people did with a page, newest first; nothing for a page that was never touched here. */
export function historyView(
  slug: string,
  versions: readonly WrittenVersion[],
  periods: readonly OffPeriod[],
  shown: Shown,
): HtmlValue {
  const { visit } = shown;
  const happenings = [
    ...versions.map((version) => writing(slug, version, versions, visit)),
    ...periods.flatMap((period) => switching(period, visit)),
  ].toSorted((one, other) => other.at.getTime() - one.at.getTime());
  if (happenings.length === 0) return null;
  return html`${differences(slug, versions, shown)}
    <section class="stack" aria-labelledby="history-title" id="history">
      <h2 id="history-title">History</h2>
      <ol class="cases">
        ${happenings.map(({ view }) => view)}
      </ol>
    </section>`;
}

function writing(
  slug: string,
  { version, note, author, at, title }: WrittenVersion,
  versions: readonly WrittenVersion[],
  visit: Visit,
): Happening {
  const isNewest = version === versions[0]?.version;
  const compare = version === 1 ? null : { from: version - 1, to: version };
  return {
    at,
    view: html`<li class="case-row">
      <b>Version ${version}${isNewest ? ", as it is now" : ""}</b
      ><span class="money">${momentText(at, visit.zone, visit.now)}</span
      ><span class="excerpt words" dir="auto">${note === "" ? title : note}</span
      ><span class="meta">${author}</span
      ><span class="badges"
        >${
          compare === null
            ? ""
            : html`<a href="${addressWith(pathOf(slug), compare)}#differences">What changed</a>`
        }${
          isNewest || visit.role !== "lead"
            ? ""
            : html`<span class="act"
                ><button
                  type="button"
                  data-send="${pathOf(slug)}/return"
                  data-body="${JSON.stringify({ version })}"
                  data-confirm="Go back to the text of version ${version}? Questions find it at once, and every version stays in the history."
                  data-approve="Go back"
                >
                  Go back to it
                </button></span
              >`
        }</span
      >
    </li>`,
  };
}

function switching(
  { reason, offBy, offAt, onBy, onAt }: OffPeriod,
  { zone, now }: Visit,
): readonly Happening[] {
  const row = (what: string, at: Date, by: string, why: string): Happening => ({
    at,
    view: html`<li class="case-row">
      <b>${what}</b><span class="money">${momentText(at, zone, now)}</span>${
        why === "" ? "" : html`<span class="excerpt words" dir="auto">${why}</span>`
      }<span class="meta">${by}</span>
    </li>`,
  });
  return [
    ...(onAt === null ? [] : [row("Switched on again", onAt, onBy, "")]),
    row("Switched off", offAt, offBy, reason),
  ];
}

/** What two versions have different, of the address's choice; the newest and the one before where it makes none. */
function differences(
  slug: string,
  versions: readonly WrittenVersion[],
  { from, to, visit }: Shown,
): HtmlValue {
  const by = (wanted: string): WrittenVersion | undefined =>
    versions.find(({ version }) => String(version) === wanted);
  const newer = by(to);
  const older = by(from);
  if (newer === undefined || older === undefined) return null;
  return html`<section
    class="box stack"
    id="differences"
    tabindex="-1"
    aria-labelledby="differences-title"
  >
    <h2 id="differences-title">
      What changed from version ${older.version} to version ${newer.version}
    </h2>
    <p class="soft">
      ${newer.author}, ${momentText(newer.at, visit.zone, visit.now)} ·
      <a href="${pathOf(slug)}">Close</a>
    </p>
    ${linesView(lineDifference(wholeText(older), wholeText(newer)))}
  </section>`;
}

/** The text with what else a version says of its page, so that a change of either is seen. */
function wholeText(version: WrittenVersion): string {
  const { title, url, language, audience, brands, validFrom, validUntil, owner, labels, body } =
    version;
  const facts: readonly (readonly [string, string])[] = [
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
  const lines = facts.flatMap(([name, value]) => (value === "" ? [] : [`${name}: ${value}`]));
  return [...lines, "", body].join("\n");
}
