/** Text with marked words as markup. */
import { markedPieces } from "#core/values/words.ts";
import { html, type Html } from "#server/http/html.ts";

/** The text, escaped; what the guard found in it is marked. */
export function withMarks(text: string): Html {
  return html`${markedPieces(text).map(({ text: words, isMarked }) =>
    isMarked ? html`<mark>${words}</mark>` : words,
  )}`;
}
