/** HTML as a template: everything put into it is text and is escaped, unless it is such a template itself. */

import { withNamedOverrides } from "#core/values/words.ts";

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/**
 * Finished markup. Made by `html` and `element` alone, so that no text becomes markup by accident; names of elements and
 * attributes are our own words and not escaped.
 */
export class Html {
  readonly #markup: string;
  private constructor(markup: string) {
    this.#markup = markup;
  }

  /** Fills a template's gaps; see `html`. */
  static fill(strings: readonly string[], values: readonly HtmlValue[]): Html {
    const parts = strings.map((part, index) => {
      const trimmed = part.replaceAll(/(?<!\s)\s*\n\s*/g, "\n");
      const before = isText(values[index]) ? withoutBreakBefore(trimmed) : trimmed;
      return isText(values[index - 1]) ? before.replace(/^\n(?=<\/)/, "") : before;
    });
    return new Html(
      parts
        .map((part, index) => (index === 0 ? part : `${drawn(values[index - 1])}${part}`))
        .join(""),
    );
  }

  /** Makes an element; see `element`. */
  static element(name: string, attributes: Attributes, content: readonly HtmlValue[]): Html {
    const given = Object.entries(attributes).map(([attribute, value]) => {
      if (value === null || value === undefined || value === false) return "";
      return ` ${attribute}="${value === true ? "" : drawn(value)}"`;
    });
    return new Html(`<${name}${given.join("")}>${drawn(content)}</${name}>`);
  }

  toString(): string {
    return this.#markup;
  }
}

/** By name; true is an attribute without a value, and what is false, null or undefined is left out. */
type Attributes = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** An element whose attributes and content are escaped as in a template. */
export function element(
  name:
    | "a"
    | "button"
    | "dd"
    | "details"
    | "form"
    | "li"
    | "ol"
    | "p"
    | "pre"
    | "rect"
    | "span"
    | "svg",
  attributes: Attributes,
  ...content: readonly HtmlValue[]
): Html {
  return Html.element(name, attributes, content);
}

/** What may be put into a template; null, false and undefined draw nothing. */
export type HtmlValue = Html | string | number | null | false | undefined | readonly HtmlValue[];

/** Markup with every string and number in it escaped, and with characters that reverse text shown by name. */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return Html.fill(strings, values);
}

/**
 * A line break between an opening tag and a text is the template's layout and not the text's: where line breaks are
 * shown, it would be shown too.
 */
function withoutBreakBefore(part: string): string {
  if (!part.endsWith(">\n")) return part;
  return part[part.lastIndexOf("<") + 1] === "/" ? part : part.slice(0, -1);
}

function isText(value: HtmlValue): boolean {
  return typeof value === "string" || typeof value === "number";
}

/** A text made safe for HTML, in an element or in a quoted attribute. */
function escaped(text: string): string {
  return withNamedOverrides(text).replace(/[&<>"']/g, (sign) => ESCAPES[sign] ?? "");
}

function drawn(value: HtmlValue): string {
  if (value === null || value === undefined || value === false) return "";
  if (value instanceof Html) return value.toString();
  if (typeof value === "string") return escaped(value);
  if (typeof value === "number") return String(value);
  return value.map(drawn).join("");
}

/** An address with a query; members that are null or empty are left out. */
export function addressWith(
  path: string,
  query: Readonly<Record<string, string | number | null>>,
): string {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === null || value === "" ? [] : [[name, String(value)] as const],
  );
  return given.length === 0
    ? path
    : `${path}?${new URLSearchParams(Object.fromEntries(given)).toString()}`;
}

/** A rectangle of a drawing. */
interface Bar {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly className?: string;
}

/** Bars in a box that may be stretched, without a script or a style of its own; `said` tells it to a reader without eyes. */
export function drawing(
  className: string,
  { width, height }: { readonly width: number; readonly height: number },
  bars: readonly Bar[],
  said?: string,
): Html {
  const told = said === undefined ? { "aria-hidden": "true" } : { role: "img", "aria-label": said };
  const viewBox = `0 0 ${width} ${height}`;
  return element(
    "svg",
    { class: className, viewBox, preserveAspectRatio: "none", ...told },
    bars.map(barView),
  );
}

function barView({ x, y, width, height, className }: Bar): Html {
  const short = (size: number): number => Number(size.toFixed(2));
  const place = { x: short(x), y: short(y), width: short(width), height: short(height) };
  return element("rect", { class: className, ...place });
}
