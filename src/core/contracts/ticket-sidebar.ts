/** A page of ours that a helpdesk shows beside its tickets, and whom the helpdesk says it shows it to. */

import type { ChannelName } from "#core/values/vocabulary.ts";

/** An agent of the helpdesk, as it knows them now. */
export interface HelpdeskAgent {
  readonly name: string;
  readonly email: string;
}

/** What the helpdesk signed when it opened the page. */
export interface SidebarOpening {
  /** The agent's id in the helpdesk. */
  readonly userId: string;
  /** Names what was signed; the caller takes each one once. */
  readonly id: string;
}

/** How a helpdesk shows our page beside a ticket. */
export interface TicketSidebar {
  /** The channel whose conversations are its tickets. */
  readonly channel: ChannelName;
  /** The origin of the helpdesk's own pages, which alone may frame ours. */
  readonly origin: string;
  /** The address of the script by which our page talks to the helpdesk's page around it. */
  readonly script: string;
  /** Who opened the page. Throws `input.unverified` for what the helpdesk did not sign, for us and just now. */
  opened(token: string): Promise<SidebarOpening>;
  /**
   * The agent with this id; null for one who is no active agent of the account with a proven address. Asked for at most
   * once a minute. Throws `channel.unavailable` and the like while the helpdesk does not say.
   */
  agent(userId: string): Promise<HelpdeskAgent | null>;
}
