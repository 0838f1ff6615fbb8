/**
 * Room: the registry of all adapters; each subfolder is one vendor or channel.
 * In: the settings of each connection.
 * Out: the channels by name, the desk, the shop, the team's own texts.
 * May touch: nothing by itself; each adapter touches only its own vendor.
 */
import type { Channel, InboundHandler, TicketSidebar } from "#core/contracts/channel.ts";
import type { ApprovalDesk } from "#core/contracts/approval-desk.ts";
import type { HelpCenter, PassageSource } from "#core/contracts/knowledge.ts";
import type { ChannelName } from "#core/values/vocabulary.ts";
import type { Shop } from "#core/contracts/shop.ts";
import type { Target } from "#core/contracts/tool.ts";
import type { TeamSignIn } from "#core/contracts/ports.ts";
import { chat, type Transcript } from "#adapters/chat/index.ts";
import type { EmailOptions } from "#email/options.ts";
import type { ShopOptions } from "#adapters/shop/client.ts";
import { shop } from "#adapters/shop/index.ts";
import type { SlackOptions } from "#slack/index.ts";
import type { ZendeskOptions } from "#zendesk/options.ts";

/** What each adapter needs to reach its other side; null for a channel that is not connected. */
export interface Connections {
  readonly email: EmailOptions | null;
  readonly zendesk: ZendeskOptions | null;
  readonly slack: SlackOptions | null;
  readonly chat: { readonly transcript: Transcript };
  readonly shop: ShopOptions;
}

/** What the rest of the application gets of the adapters. */
export interface Adapters {
  readonly channels: ReadonlyMap<ChannelName, Channel>;
  readonly desk: ApprovalDesk | null;
  /** Receives requests of the desk's workspace; null when it is connected by our socket, or not at all. */
  readonly inbound: InboundHandler | null;
  /** How teammates sign in with the desk's workspace; null where they do not. */
  readonly teamSignIn: TeamSignIn | null;
  /** Our page beside the helpdesk's tickets; null where its app is not installed. */
  readonly sidebar: TicketSidebar | null;
  readonly shop: { readonly reads: Shop; readonly target: Target };
  /** The team's texts that answers may cite, next to the help pages. */
  readonly passages: readonly PassageSource[];
  /** The helpdesk's own help centre, which a lead may add as a source of help pages. */
  readonly helpCenter: HelpCenter | null;
}

/**
 * Creates every adapter: to add a channel, add a folder, a line in `Connections` and here. What has a vendor's SDK is
 * loaded only where it is connected: mail alone takes 60 MB.
 */
export async function connect(connections: Connections): Promise<Adapters> {
  const { email: mail, zendesk: helpDesk, slack: workspace } = connections;
  const viaSlack = workspace === null ? null : (await import("./slack/index.ts")).slack(workspace);
  const channels = [
    mail === null ? null : (await import("./email/index.ts")).email(mail),
    helpDesk === null ? null : (await import("./zendesk/index.ts")).zendesk(helpDesk),
    viaSlack?.channel ?? null,
    chat(connections.chat),
  ].filter((channel) => channel !== null);
  return {
    passages: await macroSources(helpDesk),
    helpCenter: lazyHelpCenter(helpDesk),
    channels: new Map(channels.map((channel) => [channel.name, channel])),
    desk: viaSlack?.desk ?? null,
    inbound: viaSlack?.inbound ?? null,
    teamSignIn: viaSlack?.signIn ?? null,
    sidebar: await ticketSidebar(helpDesk),
    shop: shop(connections.shop),
  };
}

/** The helpdesk's macros, where there is one and its macros may be cited. */
async function macroSources(helpDesk: Connections["zendesk"]): Promise<readonly PassageSource[]> {
  if (helpDesk === null || helpDesk.macros === false) return [];
  return [(await import("./zendesk/macros/sync.ts")).zendeskMacros(helpDesk)];
}

/** The page beside the helpdesk's tickets, where its app is installed. */
async function ticketSidebar(helpDesk: Connections["zendesk"]): Promise<TicketSidebar | null> {
  const app = helpDesk?.app;
  if (helpDesk === null || app === undefined) return null;
  return (await import("./zendesk/sidebar.ts")).zendeskSidebar({ ...helpDesk, app });
}

/** The helpdesk's help centre, whose part is loaded when it is first read. */
function lazyHelpCenter(helpDesk: Connections["zendesk"]): HelpCenter | null {
  if (helpDesk === null) return null;
  const opened: { guide?: HelpCenter } = {};
  return {
    async read(since, signal) {
      opened.guide ??= (await import("./zendesk/guide/articles.ts")).zendeskHelpCenter(helpDesk);
      return opened.guide.read(since, signal);
    },
  };
}
