/** Fits texts into the width of a terminal. */

const COLUMNS = 80;

/**
 * The text with no line over 80 columns, broken between words; what follows keeps the line's indentation. A single word
 * that is longer, such as an address, stays whole.
 */
export function wrapped(text: string): string {
  return text.split("\n").map(wrappedLine).join("\n");
}

function wrappedLine(line: string): string {
  if (line.length <= COLUMNS) return line;
  const [indent = ""] = /^ *(?:[✓✗!→?] |\d\. )?/.exec(line) ?? [];
  const rest = " ".repeat(indent.length);
  const lines: string[] = [];
  let open = indent.trimEnd();
  let isFirst = true;
  for (const word of line.slice(indent.length).split(" ")) {
    const start = isFirst ? indent : `${open} `;
    isFirst = false;
    if (start.length + word.length <= COLUMNS || start.trim() === "") open = `${start}${word}`;
    else {
      lines.push(open);
      open = `${rest}${word}`;
    }
  }
  // A prompt's last blank stays.
  return [...lines, open].join("\n");
}
