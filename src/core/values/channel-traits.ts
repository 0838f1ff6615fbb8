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
  /** Anybody in the world who knows the address can write, so junk comes in and is set aside here and nowhere else. */
  readonly isOpenToStrangers: boolean;
  /**
   * Customer and answers stand in one window, one below the other: what holds for all answers is said with the first,
   * and a customer proves who they are by signing in, not by the address they write from.
   */
  readonly isOneWindow: boolean;
}

const PLAIN: ChannelTraits = {
  isHelpdesk: false,
  hasUndo: false,
  waitsLong: false,
  answersItself: false,
  isOpenToStrangers: false,
  isOneWindow: false,
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
  slack: PLAIN,
  chat: { ...PLAIN, isOneWindow: true },
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
