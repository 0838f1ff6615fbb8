/** Collects the text that is surely the requester's own, and tells who wrote what a turn starts with. */
import { CODE_MARK, CODE_METHOD, weakerProof } from "#core/values/identity.ts";
import { bySentAt, type Message } from "#core/values/message.ts";
import type { TurnInput } from "#core/contracts/agent.ts";
import type { InputGuard } from "#core/contracts/guard.ts";
import type { Provenance } from "#core/values/action.ts";
import { ACCOUNT_LEVEL } from "#tools/own-order.ts";
import type { TurnState } from "./turn-state.ts";

type Read = Pick<TurnInput, "history" | "unread" | "keepsSender">;

/** Maximum length of the requester's text that a turn uses; the newest part is kept. */
const CHARACTERS_MAX = 20_000;

/**
 * The requester's own new text in this conversation: the visible text of the messages this turn answers, and of earlier
 * public ones by the same author. Where an attacker can write under an author's id, such as a From line, earlier
 * messages count only when their sender was proven as well, or when they are what a code was just entered for: a code
 * entered in good faith must not approve whatever a forger asked for before. Quotes, attachments, hidden and forwarded text, subjects, notes, other people's messages and tool
 * results are left out. A message that reads differently in different programs counts as empty, because its text is not
 * surely the writer's.
 */
export function customerOwnWords(input: Read): string {
  return wordsIn(ownMessages(input).filter((message) => !isContradictory(message)));
}

/** In the order of time: a message of another channel that is still open may be older than what was answered here. */
function wordsIn(messages: readonly Message[]): string {
  return messages
    .toSorted(bySentAt)
    .map(({ text }) => withoutQuotedLines(text))
    .join("\n\n")
    .slice(-CHARACTERS_MAX);
}

function isContradictory({ segments }: Message): boolean {
  return segments.some(({ kind }) => kind === "contradicting");
}

/**
 * What a wish has to stand in: the messages this turn answers, and what a code was just entered for. Whatever was
 * answered before is done, refused or withdrawn. Empty where it is not surely the requester's alone: another person wrote
 * as well, or a message reads differently in different programs, which may take back what stands in another.
 */
export function wordsToAnswer({ history, unread }: Pick<TurnInput, "history" | "unread">): string {
  const newest = unread.at(-1);
  if (newest === undefined || !unread.every((message) => isBy(message, newest.author.id)))
    return "";
  const entered = newest.identity.method === CODE_METHOD;
  const messages = [...(entered ? codeWasFor(history, newest.author.id) : []), ...unread];
  return messages.some(isContradictory) ? "" : wordsIn(messages);
}

/** The messages that are surely the requester's: new ones, and earlier ones as `customerOwnWords` says. */
function ownMessages({ history, unread, keepsSender }: Read): readonly Message[] {
  const author = unread.at(-1)?.author.id;
  const own = unread.filter((message) => isBy(message, author));
  const isProvenAs = ({ identity }: Message): boolean =>
    own.some((one) => weakerProof(one.identity, identity) === one.identity);
  const confirmed = own.at(-1)?.identity.method === CODE_METHOD ? codeWasFor(history, author) : [];
  const before = history.filter(
    (message) =>
      isBy(message, author) && (keepsSender || isProvenAs(message) || confirmed.includes(message)),
  );
  return [...before, ...own];
}

/**
 * The messages a code was asked for: what this author wrote last that was answered and is more than a code. The mail
 * with the code says that it was asked for there, so who enters it stands by that request, and by nothing earlier.
 */
function codeWasFor(history: readonly Message[], author: string | undefined): readonly Message[] {
  const answered = history.findLastIndex(isAnswer);
  if (answered < 0) return [];
  const start = history.slice(0, answered).findLastIndex(isAnswer) + 1;
  const written = history.slice(start, answered);
  const asked = written.filter((message) => isBy(message, author));
  if (written.length > 0 && asked.length === 0) return [];
  const isOnlyCodes = asked.every(({ text }) => text.replaceAll(CODE_MARK, "").trim() === "");
  return isOnlyCodes ? codeWasFor(history.slice(0, start), author) : asked;
}

/** True for what a customer was told, by us or the team. */
function isAnswer({ author, visibility }: Message): boolean {
  return author.kind !== "requester" && visibility === "public";
}

function isBy({ author, visibility }: Message, id: string | undefined): boolean {
  return author.kind === "requester" && author.id === id && visibility === "public";
}

/** Where an adapter marks no quotes, customers still quote by hand with ">". */
function withoutQuotedLines(text: string): string {
  return text
    .split("\n")
    .filter((line) => !/^\s*(?:>|&gt;)/.test(line))
    .join("\n");
}

// Who wrote the messages that a turn starts with.

/** What is attached or sent on was written by the person the customer had it from. */
const PASSED_ON: ReadonlySet<string> = new Set(["attachment", "forwarded"]);

/** Who wrote what stands before the model when a turn starts. */
export function provenanceIn(input: TurnInput, guard: InputGuard): readonly Provenance[] {
  const own = new Set(ownMessages(input));
  const isProven = input.requester.level >= ACCOUNT_LEVEL;
  return [...input.history, ...input.unread].flatMap((message) => [
    messageProvenance(message, own.has(message) && isProven),
    ...(passedOnIn(input, guard, message).length > 0 ? ["third_party" as const] : []),
  ]);
}

/** What a message passes on in others' words, as far as the model is shown it. */
export function passedOnIn(
  input: Parameters<typeof quotesShown>[0],
  guard: Parameters<typeof quotesShown>[1],
  message: Message,
): readonly string[] {
  const attached = message.segments.filter(({ kind }) => PASSED_ON.has(kind));
  return [...attached.map(({ text }) => text), ...quotesShown(input, guard, message)];
}

/** What a message quotes where nothing else tells what was said before, and the guard finds nothing in it. */
export function quotesShown(
  { history, olderMessages = 0 }: Pick<TurnInput, "history" | "olderMessages">,
  guard: Pick<InputGuard, "inspectText">,
  { segments }: Message,
): readonly string[] {
  if (history.length + olderMessages > 0) return [];
  return segments
    .flatMap(({ kind, text }) => (kind === "quoted" ? [text] : []))
    .filter((text) => guard.inspectText(text, "quoted text", false).verdict === "allow");
}

/** A message that is not proven to be the requester's may be anybody's, and so may what a desk's rules wrote. */
function messageProvenance({ author }: Message, isRequesters: boolean): Provenance {
  if (author.kind === "bot" || author.kind === "teammate") return "own";
  return isRequesters ? "requester" : "third_party";
}

/** True when a customer's data stands before the model: looked up, or in an earlier answer to a proven requester. */
export function holdsPrivate({ accountData, input }: TurnState): boolean {
  const { requester, history } = input;
  return accountData || (requester.level >= ACCOUNT_LEVEL && history.some(isAnswer));
}
