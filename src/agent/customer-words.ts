import type { Message } from "#core/values/message.ts";
import type { TurnInput } from "#core/contracts/agent.ts";

/** As much of somebody's words as a turn shows of them; the newest are kept. */
const CHARACTERS_MAX = 20_000;

/**
 * The requester's own new words in this conversation: the visible text of the messages this turn answers, and of
 * earlier public ones by the same author. Where anybody can write under an author's id, such as a From line, those
 * count only when their sender was proven as well: a code that is entered in good faith must not speak for what a
 * forger asked for before. Quotes, attachments, hidden and
 * forwarded text, subjects, notes, other people and whatever a tool brought in are no part of it. A message that says
 * one thing to one program and something else to another has no words that are surely its writer's.
 */
export function ownWordsOf({
  history,
  unread,
  keepsSender,
}: Pick<TurnInput, "history" | "unread" | "keepsSender">): string {
  const author = unread.at(-1)?.author.id;
  const own = unread.filter((message) => isBy(message, author));
  const weakest = Math.min(...own.map(({ identity }) => identity.level));
  const before = history.filter(
    (message) => isBy(message, author) && (keepsSender || message.identity.level >= weakest),
  );
  return [...before, ...own]
    .filter(({ segments }) => segments.every(({ kind }) => kind !== "contradicting"))
    .map(({ text }) => withoutQuotedLines(text))
    .join("\n\n")
    .slice(-CHARACTERS_MAX);
}

function isBy({ author, visibility }: Message, id: string | undefined): boolean {
  return author.kind === "requester" && author.id === id && visibility === "public";
}

/** Where an adapter has no segments for quotes, people still mark them by hand. */
function withoutQuotedLines(text: string): string {
  return text
    .split("\n")
    .filter((line) => !/^\s*(?:>|&gt;)/.test(line))
    .join("\n");
}
