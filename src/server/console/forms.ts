/** Forms and buttons of the console's pages: those whose choice stands in the address, and those that are sent as data. */

import { z } from "zod";
import type { Policy } from "#core/contracts/policy.ts";
import { nameFromAddress } from "#core/values/words.ts";
import { element, html, type Html, type HtmlValue } from "#server/http/html.ts";
import { row } from "./parts.ts";

const REASON_MAX = 300;

/** A value of a choice, and how it is called where that is another word. */
export type Option = readonly [value: string, words: string];

/** Every teammate as an option, by address. */
export function teammateOptions(all: Policy["teammates"]): readonly Option[] {
  return all.map(({ address }): Option => [address, nameFromAddress(address)]);
}

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

/** A field of one line; `more` is what else the field has, such as its longest text. */
export function field(
  name: string,
  label: string,
  value: string,
  more: HtmlValue = null,
  className: "" | "grow" = "",
): Html {
  return html`<label ${className !== "" && html`class="${className}"`}
    >${label}<input name="${name}" value="${value}" ${more}
  /></label>`;
}

/** A field of several lines; `more` is what else it has. */
export function textArea(name: string, label: string, value: string, more: HtmlValue): Html {
  // A browser leaves out the line break that a text begins with.
  return html`<label>${label}<textarea name="${name}" ${more}>${`\n${value}`}</textarea></label>`;
}

/** A box to tick; `more` is what else it has, such as its value. */
export function tickBox(name: string, label: string, more: HtmlValue = null): Html {
  return html`<label class="check"
    ><input type="checkbox" name="${name}" ${more} /> ${label}</label
  >`;
}

/** What a form sends besides what is typed into it. */
export function hidden(fields: Readonly<Record<string, string | number>>): readonly Html[] {
  return Object.entries(fields).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`,
  );
}

/** A form whose choice stands in the address, so that it works without a script and can be kept as a bookmark. */
export function filterForm(
  action: string,
  fields: HtmlValue,
  {
    press = "Show",
    after = null,
    isLive = false,
    isSearch = false,
  }: {
    readonly press?: string;
    /** What stands behind the button. */
    readonly after?: HtmlValue;
    /** A choice applies at once where a script runs. */
    readonly isLive?: boolean;
    readonly isSearch?: boolean;
  } = {},
): Html {
  const form = {
    class: "filters",
    method: "get",
    action,
    "data-filters": isLive,
    role: isSearch ? "search" : null,
  };
  const button = { type: "submit", class: press === "Search" ? "main" : null };
  return element("form", form, fields, element("button", button, press), after);
}

/** One field to search by, whose text stands in the address. */
export function searchForm(
  action: string,
  { label, typed, max }: { readonly label: string; readonly typed: string; readonly max: number },
): Html {
  const more = html`type="search" maxlength="${max}" autocomplete="off"
  ${typed === "" && html`autofocus=""`}`;
  return filterForm(action, field("q", label, typed, more, "grow"), {
    press: "Search",
    isSearch: true,
  });
}

/** How a form that is sent as data looks and what becomes of it. */
interface DataForm {
  readonly press: string;
  readonly isDanger?: boolean;
  /** Beside the button. */
  readonly aside?: HtmlValue;
  readonly id?: string;
  /** What was typed and not saved is asked about before the page is left. */
  readonly isGuarded?: boolean;
  readonly className?: string;
}

/** A form that the page's script sends as data, so that it can only come from a page of ours. */
export function dataForm(
  to: string,
  { press, isDanger, aside: beside = null, id, isGuarded, className = "stack" }: DataForm,
  fields: HtmlValue,
  below: HtmlValue = null,
): Html {
  const button = { type: "submit", class: isDanger === true ? "main danger" : "main" };
  return element(
    "form",
    { class: className, id, "data-form": to, "data-guarded": isGuarded, autocomplete: "off" },
    [fields, html`<p class="error" role="alert"></p>`, below],
    row(element("button", button, press), beside),
  );
}

/** What a form with a reason sends. */
export const Reason = z.strictObject({ reason: z.string().trim().min(1).max(REASON_MAX) });

/** A form that asks for a reason; `question` says why. */
export function reasonForm(to: string, form: DataForm, question: string): Html {
  return dataForm(
    to,
    form,
    field("reason", question, "", html`required="" maxlength="${REASON_MAX}"`),
  );
}

/** What a button sends, and how it looks. */
interface Sending {
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
  return element(
    "button",
    {
      type: "button",
      class: className,
      "data-send": to,
      "data-body": body === undefined ? null : JSON.stringify(body),
      "data-confirm": asks,
      "data-approve": asks === undefined ? null : agree,
      disabled: isOff,
      "aria-pressed": isPressed === undefined ? null : String(isPressed),
    },
    label,
  );
}
