/** Fits lines into the width of the terminal in which a command was typed. */

/** Narrower than this, words would be cut. */
const COLUMNS_MIN = 30;
/** Where the output is no terminal, and on very wide ones. */
const COLUMNS = 100;

/** Passes the width on, because another process may run the command; only for the commands that fit it. */
export function withTerminalWidth(
  argv: readonly string[],
  columns: number | undefined,
): readonly string[] {
  const isTold = argv.some((word) => /^--columns(=|$)/.test(word));
  return argv[0] !== "tools" || columns === undefined || isTold || argv.includes("--help")
    ? argv
    : [...argv, `--columns=${columns}`];
}

/** The text with no line over this width where words allow it; what follows keeps the line's indentation. */
export function fitted(text: string, columns: number = COLUMNS): string {
  const width = Math.min(COLUMNS, Math.max(COLUMNS_MIN, columns));
  return text
    .split("\n")
    .flatMap((line) => linesOf(line, width))
    .join("\n");
}

function linesOf(line: string, width: number): readonly string[] {
  const [indent = ""] = /^ */.exec(line) ?? [];
  const lines: string[] = [];
  let open = "";
  for (const word of line.trim().split(" ")) {
    const longer = open === "" ? `${indent}${word}` : `${open} ${word}`;
    if (longer.length <= width || open === "") open = longer;
    else {
      lines.push(open);
      open = `${indent}  ${word}`;
    }
  }
  return [...lines, open];
}
