/** Asks a provider about what the guard allowed, where one is configured. */
import type { GuardVerdict } from "#core/contracts/guard.ts";
import { reasonOf } from "#core/values/errors.ts";
import type { Message } from "#core/values/message.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { personalMasker } from "#jobs/masks/anonymize.ts";

/**
 * The guard's verdict, or caution where a second opinion objects to what it allowed. Secrets, names, addresses and
 * numbers are masked before anything is sent. A provider that is away, late or unreadable changes nothing.
 */
export async function withSecondOpinion(
  { secondOpinion, guard, log }: Pick<JobContext, "secondOpinion" | "guard" | "log">,
  asked: { readonly messages: readonly Message[]; readonly verdict: GuardVerdict },
  lost: AbortSignal,
): Promise<GuardVerdict> {
  const { messages, verdict } = asked;
  if (secondOpinion === null || verdict.verdict !== "allow" || messages.length === 0)
    return verdict;
  const personal = personalMasker({ messages });
  const masked = (text: string): string => personal(guard.mask(text.slice(0, READ_MAX)));
  const texts = {
    message: messages.map(({ subject, text }) => masked(`${subject}\n\n${text}`)).join("\n\n"),
    others: messages
      .flatMap(({ segments }) => segments.map(({ text }) => text))
      .slice(0, OTHERS_MAX)
      .map(masked),
  };
  try {
    const signal = AbortSignal.any([lost, AbortSignal.timeout(secondOpinion.limitMs)]);
    const objection = await secondOpinion.about(texts, signal);
    if (objection === null) return verdict;
    const reason = `a second opinion (${secondOpinion.name}) ${objection}`;
    return { verdict: "caution", reasons: [reason, ...verdict.reasons] };
  } catch (error) {
    lost.throwIfAborted();
    log.info("the second opinion is done without", { reason: reasonOf(error) });
    return verdict;
  }
}

/** Masking takes time in proportion to a text, and no provider reads more. */
const READ_MAX = 10_000;
const OTHERS_MAX = 5;
