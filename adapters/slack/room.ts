/** The parts that the desk and the channel of a workspace share. */

import type { Call } from "#slack/api/web-api.ts";
import type { Workspace } from "#slack/api/workspace.ts";
import type { ChannelRoles } from "#slack/channel/parse-events.ts";
import type { Clock, Log } from "#core/contracts/ports.ts";
import type { Posting } from "#slack/api/post-once.ts";

/** What the desk and the channel of a workspace work with. */
export interface SlackRoom {
  readonly call: Call;
  readonly workspace: Workspace;
  readonly posting: Posting;
  readonly roles: ChannelRoles;
  /** Channel ids by the names the policy uses; a card with any other name goes to the approvals channel. */
  readonly places: ReadonlyMap<string, string>;
  /** The person told when a channel takes nothing any more, by address or id. */
  readonly fallbackLead: () => string;
  readonly clock: Clock;
  readonly log: Log;
}
