/** The input of a turn that came through no channel: of a past ticket, a test of a procedure, a call that is tried. */
import type { TurnInput } from "#core/contracts/agent.ts";
import type { PastTicket } from "#core/values/rehearsal.ts";
import type { JobContext } from "#jobs/context/job-context.ts";

/** What such a turn is made with. */
export type ImaginingParts = Pick<JobContext, "bind" | "guard" | "policy" | "ids">;

/** What was written, where, and by whom. */
type Imagined = Pick<PastTicket, "channel" | "brand" | "subject" | "id" | "identity"> &
  Pick<TurnInput, "history" | "unread">;

/** The turn as it would be read from a channel. Nothing is stored under its ids. */
export async function imaginedTurn(
  { bind, guard, policy, ids }: ImaginingParts,
  { channel, brand, subject, id, history, unread, identity }: Imagined,
  signal: AbortSignal,
): Promise<TurnInput> {
  return {
    turnId: ids.next("t"),
    conversation: { id: ids.next("r"), channel, externalId: id, subject, brand },
    history,
    unread,
    requester: await bind(identity, signal),
    audience: "private",
    guard: guard.inspect(unread),
    mayAsk: true,
    keepsSender: false,
    voice: policy.voiceOf(channel, brand),
    language: guard.languageOf(unread),
    signal,
  };
}
