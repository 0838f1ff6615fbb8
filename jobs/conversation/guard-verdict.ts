/** What the guard says about messages, knowing which of them a teammate said to be harmless, and a second opinion on it. */
import { nothingUsed, type OpinionBeside } from "#core/contracts/agent.ts";
import type { GuardVerdict, InputGuard } from "#core/contracts/guard.ts";
import { withinMs } from "#core/values/deadline.ts";
import { reasonOf } from "#core/values/errors.ts";
import type { Message } from "#core/values/message.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { personalMasker } from "#jobs/masks/anonymize.ts";
import { digest } from "#core/values/canonical-json.ts";
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

// Asks another program about what the guard allowed, where one is configured.

/**
 * Begins to ask for a second opinion on what the guard allowed; null where there is nothing to ask. Secrets, names,
 * addresses and numbers are masked before anything is sent. Nothing waits for it, so one that is away, late or unreadable
 * changes nothing; what still runs ends with the signal.
 */
export function secondOpinionBeside(
  { secondOpinion, guard, log }: Pick<JobContext, "secondOpinion" | "guard" | "log">,
  asked: { readonly messages: readonly Message[]; readonly verdict: GuardVerdict },
  signal: AbortSignal,
): OpinionBeside | null {
  const { messages, verdict } = asked;
  if (secondOpinion === null || verdict.verdict !== "allow" || messages.length === 0) return null;
  const personal = personalMasker({ messages });
  const masked = (text: string): string => personal(guard.mask(text.slice(0, READ_MAX)));
  // The newest first, since what is long is cut.
  const newest = messages.toReversed();
  const texts = {
    message: newest
      .map(({ subject, text }) => masked(`${subject}\n\n${text}`))
      .join("\n\n")
      .slice(0, MESSAGE_MAX)
      .toWellFormed(),
    others: newest
      .flatMap(({ segments }) => segments)
      .slice(0, OTHERS_MAX)
      .map(({ text }) => masked(text).slice(0, OTHER_MAX).toWellFormed()),
  };
  const said = { verdict };
  const used = nothingUsed();
  withinMs(OPINION_MS, (until) => secondOpinion.about(texts, used, until), signal).then(
    (objection) => {
      if (objection === null) return;
      const reason = `a second opinion (${secondOpinion.name}) ${objection}`;
      said.verdict = { verdict: "caution", reasons: [reason, ...verdict.reasons] };
    },
    (error: unknown) => {
      log.info("the second opinion is done without", { reason: reasonOf(error) });
    },
  );
  return { now: () => said.verdict, used };
}

/** One that takes longer is away. */
const OPINION_MS = 10_000;
/** Masking takes time in proportion to a text. */
const READ_MAX = 10_000;
/** Characters sent of the messages, and of each other text (a prompt shield takes 10,000 in all and five documents). */
const MESSAGE_MAX = 6_000;
const OTHER_MAX = 800;
const OTHERS_MAX = 5;
