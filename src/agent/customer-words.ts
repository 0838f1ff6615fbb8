/** Collects the text that is surely the requester's own. */
import type { Message } from "#core/values/message.ts";
import type { TurnInput } from "#core/contracts/agent.ts";

/** Maximum length of the requester's text that a turn uses; the newest part is kept. */
const CHARACTERS_MAX = 20_000;

/**
 * The requester's own new text in this conversation: the visible text of the messages this turn answers, and of earlier
 * public ones by the same author. Where an attacker can write under an author's id, such as a From line, earlier
 * messages count only when their sender was proven as well: a code entered in good faith must not approve what a forger
 * asked for before. Quotes, attachments, hidden and forwarded text, subjects, notes, other people's messages and tool
 * results are left out. A message that reads differently in different programs counts as empty, because its text is not
 * surely the writer's.
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

/** Where an adapter marks no quotes, customers still quote by hand with ">". */
function withoutQuotedLines(text: string): string {
  return text
    .split("\n")
    .filter((line) => !/^\s*(?:>|&gt;)/.test(line))
    .join("\n");
}
