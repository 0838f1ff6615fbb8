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

/** Every adapter there is: adding a channel is a folder, a line in `Connections` and a line here. */
export function connect(connections: Connections): {
  readonly channels: ReadonlyMap<ChannelName, Channel>;
  readonly desk: ApprovalDesk | null;
  /** Where requests of the desk's workspace go; null when it is connected by a socket of ours, or not at all. */
  readonly door: InboundHandler | null;
  readonly shop: { readonly reads: Shop; readonly target: Target };
  /** Texts of the team that answers may rest on, beside the help pages. */
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
    door: viaSlack?.door ?? null,
    shop: shop(connections.shop),
  };
}
