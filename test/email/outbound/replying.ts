import { Action } from "#core/values/action.ts";
import type { CommitResult } from "#core/contracts/target.ts";
import { resolved, type EmailBench } from "#test/email/bench.ts";
import { PATIENCE_MS } from "#test/support/waiting.ts";

/** The reply a turn would propose to this mail. */
export async function replyTo(
  bench: Pick<EmailBench, "channel">,
  raw: Uint8Array,
  text: string,
  automatic = false,
): Promise<Action> {
  const { messages, subject } = await resolved(bench.channel, raw);
  const [message] = messages;
  if (message === undefined || message.answerTo === null) throw new Error("no address to answer");
  return Action.parse({
    target: "email",
    operation: "reply",
    arguments: {
      conversationId: "c1",
      to: message.answerTo,
      subject,
      text,
      answers: [message.key],
      automatic,
    },
  });
}

/** Sends that reply. */
export async function answer(
  bench: Pick<EmailBench, "channel">,
  raw: Uint8Array,
  text: string,
  key: string,
): Promise<CommitResult> {
  const action = await replyTo(bench, raw, text);
  return bench.channel.commit(action, key, AbortSignal.timeout(PATIENCE_MS));
}
