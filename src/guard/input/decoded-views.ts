/**
 * Decodes hidden text. A model reads base64, hexadecimal digits and reversed letters almost as well as plain text, so
 * the rules have to check them too. Each way of hiding is first recognised by its shape; ordinary text has none of
 * them, so the work stays proportional to the text.
 */
import { withoutInvisible } from "#text/normalize.ts";
import { cipherViews } from "#guard/input/views/ciphers.ts";
import { encodedViews, invisibleViews } from "#guard/input/views/encodings.ts";
import { spellingViews } from "#guard/input/views/spellings.ts";
import type { DecodedView } from "#guard/input/views/view.ts";

/** A text hidden in a hidden text is looked for this deep; models give up earlier. */
const DEPTH_MAX = 3;
/** Characters read in all views of one text together, as a multiple of its length. */
const WORK_MAX = 3;
const VIEWS_MAX = 24;

/**
 * What a text says once decoded, apart from its plain reading; empty for nearly all texts. Takes the text as it came.
 * Linear; total.
 */
export function decodedViews(text: string): readonly DecodedView[] {
  const found: DecodedView[] = [];
  const known = new Set([text]);
  let left = WORK_MAX * text.length;
  let open: readonly DecodedView[] = [{ how: "", text }];
  for (let depth = 0; depth < DEPTH_MAX && open.length > 0; depth += 1) {
    const next: DecodedView[] = [];
    for (const outer of open) {
      for (const inner of directViews(outer.text)) {
        left -= inner.text.length;
        if (left < 0 || found.length >= VIEWS_MAX || known.has(inner.text)) continue;
        known.add(inner.text);
        const how = outer.how === "" ? inner.how : `${inner.how} ${outer.how}`;
        next.push({ how, text: inner.text });
        found.push({ how, text: inner.text });
      }
    }
    open = next;
  }
  return found;
}

function directViews(text: string): readonly DecodedView[] {
  const plain = withoutInvisible(text);
  return [
    ...invisibleViews(text),
    // Before spellings, of which a long text in cipher has some by chance, which would leave it no characters to be read.
    ...cipherViews(plain),
    ...encodedViews(plain),
    ...spellingViews(plain),
  ];
}
