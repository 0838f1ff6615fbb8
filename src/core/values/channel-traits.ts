/** What differs between channels as far as jobs need to know: they ask for a trait, never for a name. */
import type { ChannelName } from "./vocabulary.ts";

/** The traits of one channel. */
export interface ChannelTraits {
  /** The team works on conversations there: a hand-over assigns, and the owner there is the owner everywhere. */
  readonly isHelpdesk: boolean;
  /** An approved reply waits for the policy's undo time; on other channels the customer is waiting live. */
  readonly hasUndo: boolean;
  /**
   * Servers may defer unknown senders for hours and expect a retry (RFC 5321 section 4.5.4.1), so a reply may wait a
   * day for its target.
   */
  readonly waitsLong: boolean;
  /** Programs there answer automatically, so automatic answers are counted and limited. */
  readonly answersItself: boolean;
  /** Every sender who knows the address can write, so junk comes in and is set aside here and nowhere else. */
  readonly isOpenToStrangers: boolean;
  /** A customer writes in a window of the shop's page, and proves who they are by signing in, not by their address. */
  readonly isOneWindow: boolean;
  /** Answers stand one below the other in sight, so what holds for all of them is said with the first. */
  readonly isOneThread: boolean;
}

const PLAIN: ChannelTraits = {
  isHelpdesk: false,
  hasUndo: false,
  waitsLong: false,
  answersItself: false,
  isOpenToStrangers: false,
  isOneWindow: false,
  isOneThread: false,
};

/** Complete by its type: a new channel does not compile until its traits are set. */
export const CHANNEL_TRAITS: Readonly<Record<ChannelName, ChannelTraits>> = {
  zendesk: { ...PLAIN, isHelpdesk: true, hasUndo: true },
  email: {
    ...PLAIN,
    hasUndo: true,
    waitsLong: true,
    answersItself: true,
    isOpenToStrangers: true,
  },
  slack: { ...PLAIN, isOneThread: true },
  chat: { ...PLAIN, isOneWindow: true, isOneThread: true },
};

/** Where a hand-over from a channel without its own helpdesk opens its ticket. */
export const HELPDESK = "zendesk" satisfies ChannelName;

/**
 * The outbound channel for what is sent to a person's address whatever channel they write on, such as one-time codes.
 */
export const MAIL = "email" satisfies ChannelName;

/** True when the team works on the conversation itself. */
export function isHelpdesk(channel: ChannelName): boolean {
  return CHANNEL_TRAITS[channel].isHelpdesk;
}
