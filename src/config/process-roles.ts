/** The process roles, and the tasks of each. */

import type { ChannelName } from "#core/values/vocabulary.ts";
import type { Environment } from "./environment.ts";

/** The tasks of one process. */
export interface RoleTasks {
  /** Webhooks, the chat, the pages and the console. */
  readonly serves: boolean;
  /** Turns, effects, due times, and the policy file. */
  readonly works: boolean;
  /** Sockets and pollers of the channels, and clicks in Slack where they come by the socket. */
  readonly connects: boolean;
}

/**
 * Every role can post cards and alerts, since the Web API needs no open connection. Every role also follows the policy
 * in force, because people's rights are read from it wherever they click; only roles that work watch the file.
 */
export const ROLE_TASKS: Readonly<Record<Environment["DESKHAND_ROLE"], RoleTasks>> = {
  all: { serves: true, works: true, connects: true },
  web: { serves: true, works: false, connects: false },
  worker: { serves: false, works: true, connects: false },
  channels: { serves: false, works: false, connects: true },
};

/**
 * Which channels a process listens to. Requests from Slack come to roles that serve, the rest to roles that connect.
 */
export function listensTo(
  { connects, serves }: RoleTasks,
  { slackRequests }: { readonly slackRequests: boolean },
): (channel: ChannelName) => boolean {
  return (channel) => (channel === "slack" && slackRequests ? serves : connects);
}
