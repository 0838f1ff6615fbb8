/** Collects the text that is surely the requester's own, and tells who wrote what a turn starts with. */
import { CODE_MARK, CODE_METHOD, weakerProof } from "#core/values/identity.ts";
import type { Message } from "#core/values/message.ts";
import type { TurnInput } from "#core/contracts/agent.ts";
import { type Written, asksPlainly } from "#text/plain-request.ts";
import type { Origin, Provenance } from "#core/values/action.ts";
import { ACCOUNT_LEVEL } from "#tools/own-order.ts";
import type { TurnState, AgentParts } from "./turn-state.ts";
import type { WriteTool, ProposeResult } from "#core/contracts/tool.ts";

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
  return ownMessages(input)
    .filter(({ segments }) => segments.every(({ kind }) => kind !== "contradicting"))
    .map(({ text }) => withoutQuotedLines(text))
    .join("\n\n")
    .slice(-CHARACTERS_MAX);
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
 * What the requester wrote last, for the question whether it is a plain request: all that this turn answers, and what a
 * code was just entered for. Null where that is not surely theirs alone: another person wrote as well, or it reads
 * differently in different programs.
 */
function writtenLast({ history, unread }: Pick<TurnInput, "history" | "unread">): Written | null {
  const newest = unread.at(-1);
  if (newest === undefined || !unread.every((message) => isBy(message, newest.author.id)))
    return null;
  const entered = newest.identity.method === CODE_METHOD;
  const messages = [...(entered ? codeWasFor(history, newest.author.id) : []), ...unread];
  if (messages.some(({ segments }) => segments.some(({ kind }) => kind === "contradicting")))
    return null;
  const [first] = messages;
  const opens = !history.some(isAnswer) || entered;
  const isBeginning = first?.text.startsWith(first.subject) === true;
  return {
    texts: messages.map(({ text }) => text.replaceAll(CODE_MARK, "")),
    name: newest.author.name,
    // Under an answer the heading is the conversation's; where there are no subjects it is the beginning of the text.
    subject: opens && !isBeginning ? (first?.subject ?? "") : "",
  };
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
export function provenanceIn(input: TurnInput): readonly Provenance[] {
  const own = new Set(ownMessages(input));
  const isProven = input.requester.level >= ACCOUNT_LEVEL;
  return [...input.history, ...input.unread].flatMap((message) => [
    messageProvenance(message, own.has(message) && isProven),
    ...(message.segments.some(({ kind }) => PASSED_ON.has(kind)) ? ["third_party" as const] : []),
  ]);
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

const UNPROVEN_CHARACTERS_MAX = 500;

/** Whether the customer plainly asked for the proposal, for the policy; text is masked, since cards show it. */
export function proposalOrigin(
  { wishes }: WriteTool,
  { names, unproven }: Extract<ProposeResult, { readonly kind: "proposed" }>,
  { input }: TurnState,
  { guard }: AgentParts,
): Origin {
  const written = writtenLast(input);
  return {
    asked: written !== null && asksPlainly(written, { wishes, names }),
    unproven: unproven.map(({ argument, words }) => ({
      argument,
      words: guard.mask(words).slice(0, UNPROVEN_CHARACTERS_MAX),
    })),
  };
}
