/** The list of procedures, and the words and marks about their versions that all pages about them share. */

import { isPlaying } from "#jobs/procedures/drafts.ts";
import { procedureDigest } from "#jobs/procedures/publish.ts";
import { readProcedure } from "#procedures/format.ts";
import type { PageContent } from "#server/console/frame.ts";
import { badge, dotted, listView, rowView } from "#server/console/parts.ts";
import { html, type Html, type HtmlValue } from "#server/http/html.ts";
import { recentVersions, type ProcedureVersion } from "#store/procedures/versions.ts";
import type { Visit } from "#server/console/session.ts";

/** Where procedures are listed. */
export const PATH = "/console/procedures";

/** The page of a procedure. */
export function procedurePath(name: string): string {
  return `${PATH}/${encodeURIComponent(name)}`;
}

const STATES = {
  draft: "draft",
  proposed: "waits for leads",
  published: "in use",
  retired: "out of use",
  rejected: "rejected",
  expired: "expired",
} as const satisfies Record<ProcedureVersion["state"], string>;

/** "version 3, in use". */
export function versionWords({ version, state }: ProcedureVersion): string {
  return `version ${version}, ${STATES[state]}`;
}

/** A state as a badge. */
export function stateBadge({ state }: ProcedureVersion): Html {
  return badge(STATES[state], state === "proposed" || state === "draft" ? "warn" : "");
}

/** Who wrote a version, or where it comes from. */
export function originWords({ origin, author }: ProcedureVersion): string {
  if (origin === "program") return "part of the program";
  return origin === "file" ? "from the file" : `written by ${author}`;
}

/** What the last tests of a version came to, in one line. */
export function testWords(version: ProcedureVersion, { when, now }: Visit): string {
  const { testedAt, testedWith, testBeganAt, testEndedAt } = version;
  if (testBeganAt !== null && testEndedAt === null)
    return isPlaying(version, now)
      ? `Its tests are being played since ${when(testBeganAt)}`
      : `Its tests of ${when(testBeganAt)} were broken off`;
  if (testedAt !== null) return `Its tests passed ${when(testedAt)}, with ${testedWith}`;
  if (testEndedAt !== null) return `Its tests failed ${when(testEndedAt)}`;
  return "Its tests were not played here";
}

/** A procedure of the list: its versions that count now, and its file. */
interface Listed {
  readonly name: string;
  readonly versions: readonly ProcedureVersion[];
  readonly file: string | null;
}

/** Every procedure that is in use, waits, is being written, was taken back, or lies in the folder. */
export async function proceduresPage(visit: Visit): Promise<PageContent> {
  const { procedures: shelf } = visit.options;
  const kept = Map.groupBy(await shelf.desk.store.run(recentVersions), ({ name }) => name);
  const files = new Map(shelf.files().map(({ name, text }) => [name, text]));
  const names = [...new Set([...kept.keys(), ...files.keys()])].toSorted();
  return {
    place: PATH,
    title: "Procedures",
    tools: html`<p class="soft">
        How the team handles a kind of case, in plain language. Answers follow what is in use; it
        permits nothing that the policy does not.
      </p>
      ${visit.isLead && html`<p class="row"><a class="button" href="/console/new-procedure">Write a new one</a></p>`}`,
    body: listView({
      id: "procedures",
      label: "Procedures",
      none: html`There is no procedure yet. A lead can write one here, or put a file into
      ${shelf.folder ?? "a folder named procedures beside the policy file"}.`,
      rows: names.map((name) =>
        row({ name, versions: kept.get(name) ?? [], file: files.get(name) ?? null }, visit),
      ),
    }),
  };
}

function row(listed: Listed, visit: Visit): Html {
  const { name, versions, file } = listed;
  const first =
    versions.find(({ state }) => state === "published") ??
    versions.find(({ state }) => state !== "retired") ??
    versions[0];
  const read = readProcedure(name, first?.text ?? file ?? "");
  const { title, when, owner } =
    read.kind === "read" ? read.procedure : { title: name, when: "", owner: "" };
  return rowView({
    href: procedurePath(name),
    what: title,
    marks: [...badges(listed), read.kind === "read" ? null : badge("has mistakes", "warn")],
    excerpt: when,
    about: dotted([
      name,
      first === undefined ? "nothing of it in use" : versionWords(first),
      owner,
      first === undefined ? "" : testWords(first, visit),
    ]),
  });
}

/** Its states, and whether its file was changed outside the console. */
function badges({ versions, file }: Listed): readonly HtmlValue[] {
  const isNewFile =
    file !== null && !versions.some(({ digest }) => digest === procedureDigest(file));
  return [
    ...versions.filter(({ state }) => state !== "retired" || versions.length === 1).map(stateBadge),
    isNewFile ? badge("the file has another text", "warn") : null,
  ];
}
