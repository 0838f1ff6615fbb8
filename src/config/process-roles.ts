import type { ChannelName } from "#core/values/vocabulary.ts";
import type { Environment } from "./environment.ts";

/** What one process does of all there is to do. */
export interface RoleTasks {
  /** Webhooks, the chat, the pages and the console. */
  readonly serves: boolean;
  /** Turns, effects, due times, and the policy file. */
  readonly works: boolean;
  /** Sockets and pollers of the channels, and clicks in Slack where they come by the socket. */
  readonly connects: boolean;
}

/**
 * Cards and alerts are posted over the Web API, which needs no connection kept open: every role can. Every role follows
 * the policy in force too, since people's rights are read from it wherever they click; the file itself is looked at
 * where the work is done.
 */
export const ROLE_TASKS: Readonly<Record<Environment["DESKHAND_ROLE"], RoleTasks>> = {
  all: { serves: true, works: true, connects: true },
  web: { serves: true, works: false, connects: false },
  worker: { serves: false, works: true, connects: false },
  channels: { serves: false, works: false, connects: true },
};

/** Which channels a process listens to. What Slack requests comes to whoever serves, the rest to whoever connects. */
export function listensTo(
  { connects, serves }: RoleTasks,
  { slackRequests }: { readonly slackRequests: boolean },
): (channel: ChannelName) => boolean {
  return (channel) => (channel === "slack" && slackRequests ? serves : connects);
}
