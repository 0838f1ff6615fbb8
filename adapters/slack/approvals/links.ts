/** Buttons that only open an address. */

import type { types } from "@slack/bolt";

/** Prefix of action ids of buttons that only open a link; Slack reports a click on one, and we ignore it. */
export const LINK_PREFIX = "link:";

/** A link may have 3000 characters, a button's text 75 (button element reference). */
const LINK_MAX = 3_000;
const LABEL_MAX = 75;

/** An address that a button may open; null for anything else. */
export function webLink(address: string): string | null {
  return /^https?:\/\//.test(address) && address.length <= LINK_MAX ? address : null;
}

/** A button with this label; `name` tells it from the other link buttons of a message. */
export function linkButton(label: string, url: string, name: string): types.Button {
  return {
    type: "button",
    action_id: `${LINK_PREFIX}${name}`,
    text: { type: "plain_text", text: label.slice(0, LABEL_MAX), emoji: false },
    url,
  };
}
