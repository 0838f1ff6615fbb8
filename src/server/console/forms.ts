/** Forms and buttons of the console's pages: those whose choice stands in the address, and those that are sent as data. */

import { z } from "zod";
import { html, type Html, type HtmlValue } from "#server/http/html.ts";

const REASON_MAX = 300;

/** A value of a choice, and how it is called where that is another word. */
export type Option = readonly [value: string, words: string];

/** A choice of one among several. */
export function choice(
  name: string,
  label: string,
  options: readonly Option[],
  chosen: string | null,
): Html {
  return html`<label
    >${label}<select name="${name}">
      ${options.map(
        ([value, called]) =>
          html`<option value="${value}" ${value === (chosen ?? "") && html` selected=""`}>
            ${called}
          </option>`,
      )}
    </select></label
  >`;
}

/** One field to search by, whose text stands in the address. */
export function searchForm(
  action: string,
  { label, typed, max }: { readonly label: string; readonly typed: string; readonly max: number },
): Html {
  return html`<form class="filters" method="get" action="${action}" role="search">
    <label class="grow"
      >${label}<input
        type="search"
        name="q"
        value="${typed}"
        maxlength="${max}"
        autocomplete="off"
        ${typed === "" && html`autofocus=""`}
    /></label>
    <button type="submit" class="main">Search</button>
  </form>`;
}

/** A form that the page's script sends as data, so that it can only come from a page of ours. */
export function dataForm(
  to: string,
  {
    press,
    isDanger,
    aside,
  }: { readonly press: string; readonly isDanger?: boolean; readonly aside?: string },
  fields: HtmlValue,
): Html {
  return html`<form class="stack" data-form="${to}" autocomplete="off">
    ${fields}
    <p class="error" role="alert"></p>
    <div class="row">
      <button type="submit" class="${isDanger === true ? "main danger" : "main"}">${press}</button
      >${aside !== undefined && html`<span class="soft">${aside}</span>`}
    </div>
  </form>`;
}

/** What a form with a reason sends. */
export const Reason = z.strictObject({ reason: z.string().trim().min(1).max(REASON_MAX) });

/** A form that asks for a reason; `question` says why. */
export function reasonForm(
  to: string,
  button: Parameters<typeof dataForm>[1],
  question: string,
): Html {
  return dataForm(
    to,
    button,
    html`<label>${question}<input name="reason" required="" maxlength="${REASON_MAX}" /></label>`,
  );
}

/** What a button sends, and how it looks. */
export interface Sending {
  readonly to: string;
  readonly body?: object;
  /** Asked before it is sent; the button that agrees is called `agree`, or like this one. */
  readonly asks?: string;
  readonly agree?: string;
  readonly className?: string;
  readonly isOff?: boolean;
  readonly isPressed?: boolean;
}

/** A button that sends one thing, after which the page is shown anew. */
export function sendButton(label: string, sending: Sending): Html {
  const { to, body, asks, agree = label, className, isOff, isPressed } = sending;
  return html`<button
    type="button"
    ${className !== undefined && html`class="${className}"`}
    data-send="${to}"
    ${body !== undefined && html`data-body="${JSON.stringify(body)}"`}
    ${asks !== undefined && html`data-confirm="${asks}" data-approve="${agree}"`}
    ${isOff === true && html`disabled=""`}
    ${isPressed !== undefined && html`aria-pressed="${isPressed ? "true" : "false"}"`}
  >
    ${label}
  </button>`;
}
