/** Builds escaped HTML. */
import { escapeHtml } from "#sandbox/zendesk/records/comments.ts";

/** Markup that is safe to send. Only `html` makes it; everything else is escaped. */
export interface Markup {
  readonly markup: string;
}

type Part = Markup | string | number | null | undefined | false | readonly Part[];

/** A template whose values are escaped unless they are markup themselves; empty values leave nothing. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return {
    markup: strings.reduce((text, string, index) => `${text}${render(parts[index - 1])}${string}`),
  };
}

function render(part: Part): string {
  if (part === null || part === undefined || part === false) return "";
  if (typeof part === "string" || typeof part === "number") return escapeHtml(String(part));
  if ("markup" in part) return part.markup;
  return part.map(render).join("");
}

/** Text with its web addresses made links; everything in it is escaped. */
export function linkedText(text: string): Markup {
  const pieces = text.split(/(https?:\/\/[^\s<>"']*[^\s<>"'.,:;!?)\]])/gu);
  return html`${pieces.map((piece, index) =>
    index % 2 === 1
      ? html`<a href="${piece}" rel="noreferrer" target="_blank">${piece}</a>`
      : html`${piece}`,
  )}`;
}
