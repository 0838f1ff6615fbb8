/** What the readers of disguised text have in common. */

/** A text after decoding, with how it was hidden, for card and trace. */
export interface DecodedView {
  readonly how: string;
  readonly text: string;
}

/** A view of these texts; none where there are none. */
export function joinedViews(how: string, texts: readonly string[]): readonly DecodedView[] {
  return texts.length === 0 ? [] : [{ how, text: texts.join("\n") }];
}

/** The lines of a text that a pattern, which must be global, is found in: what is disguised on others is read there. */
export function linesWith(text: string, shape: RegExp): string {
  const lines: string[] = [];
  let from = 0;
  while (from < text.length) {
    shape.lastIndex = from;
    const found = shape.exec(text);
    if (found === null) break;
    const end = text.indexOf("\n", found.index);
    lines.push(text.slice(text.lastIndexOf("\n", found.index) + 1, end === -1 ? undefined : end));
    from = end === -1 ? text.length : end + 1;
  }
  return lines.join("\n");
}

/** True for letters and spaces; decoded bytes of anything else hardly ever are. */
export function isText(decodedText: string): boolean {
  const plain = decodedText.match(/[\p{L}\p{M}\p{N}\s.,:;!?'"()。，、-]/gu)?.length ?? 0;
  return (
    decodedText.length > 7 &&
    plain / decodedText.length > 0.9 &&
    /\p{L}\s\p{L}|\p{sc=Han}{4}/u.test(decodedText)
  );
}

/** True for what may be text or the codes of a text once more: base64, digits, codes of links, Morse. */
export function isTextOrCodes(decodedText: string): boolean {
  return isText(decodedText) || /^(?:[\w+/=%\\&#;:-]{16,}|[.\-/ ]{24,})$/.test(decodedText.trim());
}

/** Bytes as text; what is not UTF-8 becomes marks that no text has. */
export function utf8(bytes: Iterable<number>): string {
  return Buffer.from([...bytes]).toString("utf8");
}
