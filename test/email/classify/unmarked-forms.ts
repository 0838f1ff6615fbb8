/** Parts that mailings and people's mails are made of. */

import type { Written } from "#test/email/mails.ts";

/** A mail that is one HTML page. */
export function page(html: string, mail: Written = {}): Written {
  const type = ["Content-Type", "text/html; charset=utf-8"] as const;
  return { ...mail, headers: [...(mail.headers ?? []), type], text: html };
}

/** This many links with a word each. */
export function links(count: number, host = "https://links.other.test"): string {
  return Array.from({ length: count }, (_, at) => `<a href="${host}/c/${at}">Offer ${at}</a>`).join(
    "\n",
  );
}

export const PIXEL = '<img src="https://open.other.test/o.gif?u=77" width="1" height="1" alt="">';
export const PREHEADER =
  '<html><body><div style="display:none;max-height:0">Everything that is new this week, and a little more</div>';

/** The header a server writes for the envelope sender. */
export function returned(address: string): NonNullable<Written["headers"]> {
  return [["Return-Path", `<${address}>`]];
}
