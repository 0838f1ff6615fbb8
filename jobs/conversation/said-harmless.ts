/** What the guard says about messages, knowing which of them a teammate said to be harmless. Pure. */
import type { GuardVerdict, InputGuard } from "#core/contracts/guard.ts";
import { digest } from "#core/values/canonical-json.ts";
import type { Message } from "#core/values/message.ts";
import type { SaidHarmless } from "#store/reports/harmless-texts.ts";

/** A digest of all that the guard judges of a message: one that reads otherwise is another one. */
export function judgedDigest({
  author,
  subject,
  text,
  segments,
  attachments,
}: Pick<Message, "author" | "subject" | "text" | "segments" | "attachments">): string {
  return digest([
    author.id,
    author.name,
    subject,
    text,
    ...segments.map((segment) => [segment.kind, segment.text]),
    ...attachments.map(({ name }) => name),
  ]);
}

/**
 * The guard's verdict on messages, each judged by itself. One that was said to be harmless, and reads as it did then, is
 * allowed, and its reasons still stand in the trace; a newer message of the same customer is judged like any other.
 */
export function inspectKnowing(
  guard: Pick<InputGuard, "inspect">,
  messages: readonly Message[],
  said: readonly SaidHarmless[],
): GuardVerdict {
  if (said.length === 0) return guard.inspect(messages);
  const others = notSaidHarmless(messages, said);
  const harmless = guard.inspect(messages.filter((message) => !others.includes(message)));
  const found = guard.inspect(others);
  const remarks = harmless.reasons.map((reason) => `${SAID} ${reason}`);
  return { verdict: found.verdict, reasons: [...found.reasons, ...remarks].slice(0, REASONS_MAX) };
}

/** The messages that no teammate said to be harmless as they read now. */
export function notSaidHarmless(
  messages: readonly Message[],
  said: readonly SaidHarmless[],
): readonly Message[] {
  if (said.length === 0) return messages;
  const known = new Set(said.map(({ messageKey, judged }) => `${judged} ${messageKey}`));
  return messages.filter((message) => !known.has(`${judgedDigest(message)} ${message.key}`));
}

const SAID = "a teammate said it is harmless that";
const REASONS_MAX = 8;
