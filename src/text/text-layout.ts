/** Puts text together piece by piece, with white space as a browser's layout would show it. */

/** A byte order mark takes no room, so words on both sides of it are one word. */
const WHITE_SPACE = /[^\S\uFEFF]+/g;

export class TextLayout {
  readonly #pieces: string[] = [];
  /** Since the last words. */
  #lineEnds = 0;
  #isSpaceDue = false;
  #isItemDue = false;

  /** In pieces; only grows. */
  get size(): number {
    return this.#pieces.length;
  }

  /** White space counts as one space; no-break spaces, which mail programs use for layout, as well. */
  addWords(text: string, lineMark: string): void {
    const words = text.replace(WHITE_SPACE, " ");
    if (words.startsWith(" ")) this.#isSpaceDue = true;
    const core = words.trim();
    if (core === "") return;
    this.#put(core, lineMark);
    this.#isSpaceDue = words.endsWith(" ");
  }

  /** Preformatted text keeps its lines and spaces. */
  addLines(text: string, lineMark: string): void {
    for (const [index, line] of text.split(/\r?\n/).entries()) {
      if (index > 0) this.newLine();
      if (line !== "") this.#put(line, lineMark);
    }
  }

  addSpace(): void {
    this.#isSpaceDue = true;
  }

  newLine(): void {
    this.#isSpaceDue = false;
    if (this.#pieces.length === 0) return;
    this.#pieces.push("\n");
    this.#lineEnds += 1;
  }

  /** At least this many line ends between the words before and the words after. */
  ensureBreak(lines: 1 | 2): void {
    while (this.#lineEnds < lines && this.#pieces.length > 0) this.newLine();
    this.#isSpaceDue = false;
  }

  /** The next words are an item of a list. */
  beginItem(): void {
    this.#isItemDue = true;
  }

  endItem(): void {
    this.#isItemDue = false;
  }

  addAddress({ address, from }: { readonly address: string; readonly from: number }): void {
    const words = this.#pieces.slice(from).join("");
    if (words.includes(address)) return;
    if (words.trim() === "") this.addWords(address, "");
    else this.#pieces.push(` (${address})`);
  }

  toText(): string {
    const lines = this.#pieces.join("").replaceAll("\u00A0", " ").split("\n");
    return lines
      .map((line) => line.trimEnd())
      .join("\n")
      .replaceAll(/\n{3,}/g, "\n\n")
      .trim();
  }

  #put(text: string, lineMark: string): void {
    if (this.#lineEnds > 0 || this.#pieces.length === 0) this.#pieces.push(lineMark);
    else if (this.#isSpaceDue) this.#pieces.push(" ");
    if (this.#isItemDue) this.#pieces.push("- ");
    this.#pieces.push(text);
    this.#lineEnds = 0;
    this.#isSpaceDue = false;
    this.#isItemDue = false;
  }
}
