/**
 * Room: what leads do with help pages.
 * In: texts, reasons, wishes to go back, of leads.
 * Out: versions of written pages, pages switched off and on, entries of the audit.
 * May touch: the database; the search of help pages, which is told what changed.
 * This file: all of it, and the look for instructions to the bot in a page, in its text and in what is hidden on it.
 */
import { isDeepStrictEqual } from "node:util";
import type {
  ExplainingSearch,
  Knowledge,
  PageInspector,
  SourcePage,
} from "#core/contracts/knowledge.ts";
import { digest } from "#core/values/canonical-json.ts";
import { invalidInput } from "#core/values/errors.ts";
import { markCiting } from "#jobs/cases/mark-changed.ts";
import { appendAudit } from "#store/audit/audit-log.ts";
import type { Store, Transaction } from "#store/db/database.ts";
import type { Clock } from "#core/contracts/ports.ts";
import {
  allowPage,
  putOff,
  putOn,
  insertWritten,
  slugsOff,
  WRITTEN,
  writtenVersions,
  type WrittenVersion,
} from "#store/knowledge/page-notes.ts";
import { createInputGuard } from "#guard/input/input-guard.ts";
import { inspectOne } from "#guard/input/one-text.ts";
import { excerpt } from "#core/values/words.ts";

interface PageProblem {
  readonly kind: string;
  /** An error misleads customers; a hint only costs a lead's time. */
  readonly grade: "error" | "hint";
  readonly pages: readonly string[];
  /** What is wrong, in words for a lead. */
  readonly said: string;
}

/** The help pages of an installation, for the people who own them. */
export interface PageShelf {
  readonly store: Store;
  readonly clock: Clock;
  readonly knowledge: ExplainingSearch & Knowledge;
  /** What a lead should mend in all pages, errors first; replies may link to `linkHosts`. */
  readonly problems: (linkHosts: readonly string[]) => Promise<readonly PageProblem[]>;
  /** Reads a source again; `agreed` also when many of its pages go. Throws `input.invalid` with why its pages stay. */
  readonly readAgain: (source: string, agreed: boolean) => Promise<void>;
  /** Forgets a source with its pages. Throws `input.invalid` when there is none of this name. */
  readonly removeSource: (source: string) => Promise<void>;
  /** Reads a document that a lead uploads. Throws `input.invalid` with why it cannot be used. */
  readonly readUpload: (name: string, bytes: Uint8Array) => Promise<SourcePage>;
  /** Makes what was saved or switched count for the next question, here and in every other process. */
  readonly renew: () => Promise<void>;
}

/** A teammate: by address for the history, by pseudonym for the audit. A machine has its token's id there, then its label. */
export interface PageWriter {
  readonly email: string;
  pseudonym(transaction: Transaction): Promise<string>;
}

/** A page as its writer wants it. */
export type PageText = Omit<WrittenVersion, "name" | "version" | "author" | "at">;

/** Characters of the name a title gives, without the number that tells two alike apart. */
const NAME_MAX = 60;
/** Pages of one title that are told apart by a number. */
const ALIKE_MAX = 100;

/** The name by which searches, citations and addresses know a written page. */
export function slugOfWritten(name: string): string {
  return `${WRITTEN}/${name}`;
}

/** The name of a written page by its slug; null for a page of another source. */
export function nameOfWritten(slug: string): string | null {
  return slug.startsWith(`${WRITTEN}/`) ? slug.slice(WRITTEN.length + 1) : null;
}

/** Does this in one transaction; the next question knows it. */
async function changed<Result>(
  shelf: PageShelf,
  work: (transaction: Transaction) => Promise<Result>,
): Promise<Result> {
  const result = await shelf.store.run(work);
  await shelf.renew();
  return result;
}

/**
 * Stores a new page, which the next question can find. `replaces` names a page of another source that is switched off
 * with it. Returns its name, made of its title; the same page sent again, since its answer got lost, is not stored
 * twice. Throws `input.invalid` when a hundred pages have such a title.
 */
export async function writePage(
  shelf: PageShelf,
  text: PageText,
  { by, replaces }: { readonly by: PageWriter; readonly replaces: string | null },
): Promise<string> {
  return changed(shelf, async (transaction) => {
    const { name, isTaken } = await nameFor(transaction, text, by.email);
    if (isTaken) return name;
    const version = await keep(shelf, transaction, { text, name, number: 1, by });
    if (replaces !== null)
      await off(shelf, transaction, {
        slug: replaces,
        reason: `Replaced by “${version.title}”, written here`,
        by,
      });
    return name;
  });
}

/**
 * Stores another text of a page. `basis` is the version the writer began with. Throws `input.invalid` when there is a
 * newer one by now, or no page of this name.
 */
export async function rewritePage(
  shelf: PageShelf,
  text: PageText,
  { name, basis, by }: { readonly name: string; readonly basis: number; readonly by: PageWriter },
): Promise<void> {
  await changed(shelf, async (transaction) => {
    const [newest] = await writtenVersions(transaction, name);
    if (newest === undefined) throw invalidInput(`there is no page ${name}`);
    if (newest.version !== basis)
      throw invalidInput(
        `the page was changed meanwhile by ${newest.author}; copy what you need, and open it again`,
      );
    await keep(shelf, transaction, { text, name, number: basis + 1, by });
  });
}

/**
 * Makes an earlier text the newest version again; what was written in between stays in the history. Throws
 * `input.invalid` when there is no such version, and when it is the newest one.
 */
export async function returnTo(
  shelf: PageShelf,
  {
    name,
    version,
    by,
  }: { readonly name: string; readonly version: number; readonly by: PageWriter },
): Promise<void> {
  await changed(shelf, async (transaction) => {
    const versions = await writtenVersions(transaction, name);
    const earlier = versions.find((one) => one.version === version);
    const number = (versions[0]?.version ?? 0) + 1;
    if (earlier === undefined || version === number - 1)
      throw invalidInput(`version ${version} is no earlier one; look at the page again`);
    const text = { ...earlier, note: `The text of version ${version} again` };
    await keep(shelf, transaction, { text, name, number, by });
  });
}

interface Switching {
  readonly slug: string;
  readonly reason: string;
  readonly by: PageWriter;
}

/** Hides a page from every question. Throws `input.invalid` when it is off already. */
export async function switchOff(shelf: PageShelf, switching: Switching): Promise<void> {
  await changed(shelf, (transaction) => off(shelf, transaction, switching));
}

/**
 * Lets answers rest on a page although its text looks as if it instructed the bot; another text of it is looked at anew.
 * Throws `input.invalid` when no such reason stands against it.
 */
export async function allowAnyway(
  shelf: PageShelf,
  { slug, by }: Pick<Switching, "slug" | "by">,
): Promise<void> {
  await changed(shelf, async (transaction) => {
    if (!(await allowPage(transaction, slug, by.email)))
      throw invalidInput("nothing stands against this page any more; look at it again");
    const data = { page: slug, by: await by.pseudonym(transaction) };
    await appendAudit(transaction, { kind: "page_allowed", data }, shelf.clock.now());
  });
}

/** Lets questions find a page again. Throws `input.invalid` when it is on already. */
export async function switchOn(
  shelf: PageShelf,
  { slug, by }: Pick<Switching, "slug" | "by">,
): Promise<void> {
  const at = shelf.clock.now();
  await changed(shelf, async (transaction) => {
    if (!(await putOn(transaction, { slug, by: by.email, at })))
      throw invalidInput("this page is on already; look at it again");
    const data = { page: slug, by: await by.pseudonym(transaction) };
    await appendAudit(transaction, { kind: "page_switched_on", data }, at);
  });
}

async function off(
  shelf: PageShelf,
  transaction: Transaction,
  { slug, reason, by }: Switching,
): Promise<void> {
  const at = shelf.clock.now();
  if (!(await putOff(transaction, { slug, reason, by: by.email, at })))
    throw invalidInput("this page is off already; look at it again");
  await markCiting(shelf, transaction, { slug, what: "was switched off" }, at);
  const data = { page: slug, by: await by.pseudonym(transaction) };
  await appendAudit(transaction, { kind: "page_switched_off", data }, at);
}

async function keep(
  shelf: PageShelf,
  transaction: Transaction,
  given: {
    readonly text: PageText;
    readonly name: string;
    readonly number: number;
    readonly by: PageWriter;
  },
): Promise<WrittenVersion> {
  const { text, name, number, by } = given;
  const at = shelf.clock.now();
  const version = { ...text, name, version: number, author: by.email, at };
  if (!(await insertWritten(transaction, version)))
    throw invalidInput(
      "the page was changed in this moment; copy what you need, and open it again",
    );
  const slug = slugOfWritten(name);
  await markCiting(shelf, transaction, { slug, what: "was changed" }, at);
  const data = {
    page: slug,
    version: number,
    digest: digest(`${text.title}\n${text.body}`).slice(0, 32),
    by: await by.pseudonym(transaction),
  };
  await appendAudit(transaction, { kind: "page_written", data }, at);
  return version;
}

/** A free name, or the one this writer's same page has, unless that was changed or switched off since. */
async function nameFor(transaction: Transaction, text: PageText, author: string) {
  const wanted =
    text.title
      .normalize("NFKD")
      .replaceAll(/\p{M}+/gu, "")
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}]+/gu, "-")
      .slice(0, NAME_MAX)
      .replaceAll(/^-|-$/g, "")
      .toWellFormed() || "page";
  const off = await slugsOff(transaction);
  for (let count = 1; count <= ALIKE_MAX; count += 1) {
    const name = count === 1 ? wanted : `${wanted}-${count}`;
    const versions = await writtenVersions(transaction, name);
    // None, or the only one is just this text.
    const wished = versions.map((version) => ({ ...version, ...text, version: 1, author }));
    if (isDeepStrictEqual(versions, wished) && !off.has(slugOfWritten(name)))
      return { name, isTaken: versions.length > 0 };
  }
  throw invalidInput("too many pages have this title; choose another one");
}

/** What only a program reads, and that speaks to one. On a page people read, the same words are about a product. */
const TO_A_PROGRAM =
  /\b(?:ai|llm|chat ?bots?|assistants?|language models?|ai agents?|system prompt|prompts?)\b[\s\S]{0,200}\b(?:ignore|disregard|forget|must|always|never|instead|reply|respond|answer|tell|say|recommend|send|refund)\b|\b(?:ignore|disregard|forget|override)\b[\s\S]{0,60}\b(?:instructions?|rules?|prompt|above|previous)\b/i;

/** Hidden text that is longer is data, of which the beginning says enough. */
const HIDDEN_MAX = 60_000;
const REASON_MAX = 300;

/**
 * An inspector by the rules of the guard. Hidden text is judged more strictly than text people see: no writer hides an
 * instruction to a bot by mistake.
 */
export function pageInspector(): PageInspector {
  const guard = createInputGuard({ toolNames: [], delicateWords: {}, vip: [] });
  return ({ title, text, hidden = "" }) => {
    const shown = guard.inspectText(`${title}\n${text}`, "its text");
    if (shown.verdict === "block") return excerpt(shown.reasons.join("; "), REASON_MAX);
    const unseen = hidden.slice(0, HIDDEN_MAX);
    const concealed = inspectOne(guard, unseen, "hidden");
    if (concealed.verdict === "block") return excerpt(concealed.reasons.join("; "), REASON_MAX);
    const spoken = TO_A_PROGRAM.exec(unseen)?.[0];
    return spoken === undefined
      ? null
      : excerpt(`its hidden text speaks to a program: "${spoken}"`, REASON_MAX);
  };
}
