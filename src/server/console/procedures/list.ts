/** The list of procedures, and the words and marks about their versions that all pages about them share. */

import { isPlaying } from "#jobs/procedures/shelf.ts";
import { procedureDigest } from "#jobs/procedures/publish.ts";
import { readProcedure } from "#procedures/format.ts";
import type { PageContent } from "#server/console/frame.ts";
import { badge, dotted, link, listView, row, rowView, soft } from "#server/console/parts.ts";
import { html, type Html } from "#server/http/html.ts";
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

/** The version in the first of these states that any is in; versions are listed newest first. */
export function versionIn(
  versions: readonly ProcedureVersion[],
  ...states: readonly ProcedureVersion["state"][]
): ProcedureVersion | undefined {
  const found = states.map((state) => versions.find((one) => one.state === state));
  return found.find((version) => version !== undefined);
}

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
      ? `Its tests have been running since ${when(testBeganAt)}`
      : `Its tests of ${when(testBeganAt)} were interrupted`;
  if (testedAt !== null) return `Its tests passed ${when(testedAt)}, with ${testedWith}`;
  if (testEndedAt !== null) return `Its tests failed ${when(testEndedAt)}`;
  return "Its tests have not run here";
}

/** Every procedure that is in use, waits, is being written, was taken back, or lies in the folder. */
export async function proceduresPage(visit: Visit): Promise<PageContent> {
  const { procedures: shelf } = visit.options;
  const kept = Map.groupBy(await shelf.desk.store.run(recentVersions), ({ name }) => name);
  const files = new Map(shelf.files().map(({ name, text }) => [name, text]));
  const names = [...new Set([...kept.keys(), ...files.keys()])].toSorted();
  return {
    title: "Procedures",
    tools: html`${soft("How the team handles a kind of case, in plain language. Answers follow what is in use; it permits nothing that the policy does not.")}
    ${visit.isLead && row(link("/console/new-procedure", "Write a new one", "button"))}`,
    body: listView({
      id: "procedures",
      label: "Procedures",
      none: html`There is no procedure yet. A lead can write one here, or put a file into
      ${shelf.folder ?? "a folder named procedures beside the policy file"}.`,
      rows: names.map((name) =>
        procedureRow(name, kept.get(name) ?? [], files.get(name) ?? null, visit),
      ),
    }),
  };
}

/** A procedure by its versions that count now, and its file. */
function procedureRow(
  name: string,
  versions: readonly ProcedureVersion[],
  file: string | null,
  visit: Visit,
): Html {
  const first =
    versionIn(versions, "published") ??
    versions.find(({ state }) => state !== "retired") ??
    versions[0];
  const read = readProcedure(name, first?.text ?? file ?? "");
  const { title, when, owner } =
    read.kind === "read" ? read.procedure : { title: name, when: "", owner: "" };
  return rowView({
    href: procedurePath(name),
    what: title,
    marks: [
      ...versions
        .filter(({ state }) => state !== "retired" || versions.length === 1)
        .map(stateBadge),
      hasOtherText(file, versions) && badge("the file has another text", "warn"),
      read.kind !== "read" && badge("has mistakes", "warn"),
    ],
    excerpt: when,
    about: dotted([
      name,
      first === undefined ? "nothing of it in use" : versionWords(first),
      owner,
      first === undefined ? "" : testWords(first, visit),
    ]),
  });
}

/** True for a file whose text no version has: it was changed outside the console. */
export function hasOtherText(
  file: string | null,
  versions: readonly ProcedureVersion[],
): file is string {
  return file !== null && !versions.some(({ digest }) => digest === procedureDigest(file));
}
