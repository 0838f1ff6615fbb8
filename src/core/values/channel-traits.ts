/** What is particular about each channel as far as jobs have to know: they ask for a trait, never for a name. */
import type { ChannelName } from "./vocabulary.ts";

/** The particulars of one channel. */
export interface ChannelTraits {
  /** The team works on conversations there: a hand-over assigns, and the owner there is the owner everywhere. */
  readonly isHelpdesk: boolean;
  /** An approved reply waits for the policy's undo time first; elsewhere the customer sits and waits. */
  readonly hasUndo: boolean;
  /**
   * Servers put strangers off for hours and expect to be asked again (RFC 5321 section 4.5.4.1), so a reply waits a day
   * for its target.
   */
  readonly waitsLong: boolean;
  /** Programs answer there by themselves, so automatic answers are counted and limited. */
  readonly answersItself: boolean;
}

const PLAIN: ChannelTraits = {
  isHelpdesk: false,
  hasUndo: false,
  waitsLong: false,
  answersItself: false,
};

/** Complete by its type: a new channel does not compile before its traits are known. */
export const CHANNEL_TRAITS: Readonly<Record<ChannelName, ChannelTraits>> = {
  zendesk: { ...PLAIN, isHelpdesk: true, hasUndo: true },
  email: { ...PLAIN, hasUndo: true, waitsLong: true, answersItself: true },
  slack: PLAIN,
  chat: PLAIN,
};

/** Where a hand-over from a channel without a helpdesk of its own opens its ticket. */
export const HELPDESK = "zendesk" satisfies ChannelName;

/** The way out for what is sent to a person's address whatever channel they write on, such as one-time codes. */
export const MAIL = "email" satisfies ChannelName;

/** True where the team works on the conversation itself. */
export function isHelpdesk(channel: ChannelName): boolean {
  return CHANNEL_TRAITS[channel].isHelpdesk;
}
