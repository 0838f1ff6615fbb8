/**
 * Room: the registry of all adapters; each subfolder is one vendor or channel.
 * In: the settings of each connection.
 * Out: the channels by name, the desk, the shop, the team's own texts.
 * May touch: nothing by itself; each adapter touches only its own vendor.
 */

import type { Channel } from "#core/contracts/channel.ts";
import type { ApprovalDesk } from "#core/contracts/approval-desk.ts";
import type { InboundHandler } from "#core/contracts/inbound-handler.ts";
import type { PassageSource } from "#core/contracts/knowledge.ts";
import type { ChannelName } from "#core/values/vocabulary.ts";
import type { Shop } from "#core/contracts/shop.ts";
import type { Target } from "#core/contracts/target.ts";
import { chat, type Transcript } from "./chat/index.ts";
import { email } from "./email/index.ts";
import type { EmailOptions } from "./email/options.ts";
import type { ShopOptions } from "./shop/client.ts";
import { shop } from "./shop/index.ts";
import { slack, type SlackOptions } from "./slack/index.ts";
import { zendesk } from "./zendesk/index.ts";
import { zendeskMacros } from "./zendesk/macros/sync.ts";
import type { ZendeskOptions } from "./zendesk/options.ts";

/** What each adapter needs to reach its other side; null for a channel that is not connected. */
export interface Connections {
  readonly email: EmailOptions | null;
  readonly zendesk: ZendeskOptions | null;
  readonly slack: SlackOptions | null;
  readonly chat: { readonly transcript: Transcript };
  readonly shop: ShopOptions;
}

/** Creates every adapter: to add a channel, add a folder, a line in `Connections` and a line here. */
export function connect(connections: Connections): {
  readonly channels: ReadonlyMap<ChannelName, Channel>;
  readonly desk: ApprovalDesk | null;
  /** Receives requests of the desk's workspace; null when it is connected by our socket, or not at all. */
  readonly inbound: InboundHandler | null;
  readonly shop: { readonly reads: Shop; readonly target: Target };
  /** The team's texts that answers may cite, next to the help pages. */
  readonly passages: readonly PassageSource[];
} {
  const viaSlack = connections.slack === null ? null : slack(connections.slack);
  const channels = [
    connections.email === null ? null : email(connections.email),
    connections.zendesk === null ? null : zendesk(connections.zendesk),
    viaSlack?.channel ?? null,
    chat(connections.chat),
  ].filter((channel) => channel !== null);
  const { zendesk: helpDesk } = connections;
  return {
    passages: helpDesk === null || helpDesk.macros === false ? [] : [zendeskMacros(helpDesk)],
    channels: new Map(channels.map((channel) => [channel.name, channel])),
    desk: viaSlack?.desk ?? null,
    inbound: viaSlack?.inbound ?? null,
    shop: shop(connections.shop),
  };
}
