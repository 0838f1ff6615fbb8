/** The regular expressions that are written in a source file. */

/** A literal with the line it begins on. */
export interface PatternLiteral {
  readonly line: number;
  readonly pattern: RegExp;
  /** True where each place of the text is tried: after a match the rest is looked at too. */
  readonly isRepeated: boolean;
}

/** What a slash after this is a division. */
const VALUE_END = /[\w$)\]"'`] ?$/;
const WORD_BEFORE_PATTERN = /\b(?:return|typeof|case|in|of|void|do|else|throw|await) ?$/;
/** From the slash on: what stands in a class may be a slash. */
const LITERAL = /\/((?:[^\\/[\n]|\\.|\[(?:[^\\\]\n]|\\.)*\])+)\/([dgimsuvy]*)/y;

/** All literals of a formatted TypeScript file, in their order. */
export function patternLiterals(source: string): readonly PatternLiteral[] {
  const found: PatternLiteral[] = [];
  /** How deep in braces each open template's expression is; what stands outside of them is text. */
  const templates: number[] = [];
  let before = "";
  let at = 0;
  const skipTo = (end: string, from: number): void => {
    const place = source.indexOf(end, from);
    at = place < 0 ? source.length : place + end.length;
  };
  while (at < source.length) {
    const sign = source[at] ?? "";
    const two = source.slice(at, at + 2);
    if (two === "//") skipTo("\n", at);
    else if (two === "/*") skipTo("*/", at + 2);
    else if (sign === '"' || sign === "'") {
      at = endOfString(source, at, sign);
      before = sign;
    } else if (sign === "`" || (sign === "}" && templates.at(-1) === 0)) {
      if (sign === "}") templates.pop();
      at = endOfTemplateText(source, at + 1);
      if (source[at - 1] === "{") templates.push(0);
      before = source[at - 1] === "{" ? "{" : "`";
    } else if (sign === "/" && (!VALUE_END.test(before) || WORD_BEFORE_PATTERN.test(before))) {
      LITERAL.lastIndex = at;
      const [whole, body = "", flags = ""] = LITERAL.exec(source) ?? [];
      if (whole === undefined) throw new Error(`no pattern: ${source.slice(at, at + 40)}`);
      found.push({
        line: source.slice(0, at).split("\n").length,
        pattern: new RegExp(body, flags),
        isRepeated: flags.includes("g") || before.endsWith("split("),
      });
      at += whole.length;
      before = "/)";
    } else {
      const depth = templates.at(-1);
      if (depth !== undefined && sign === "{") templates[templates.length - 1] = depth + 1;
      if (depth !== undefined && sign === "}") templates[templates.length - 1] = depth - 1;
      if (/\S/.test(sign))
        before = (/\w $/.test(before) && /\w/.test(sign) ? "" : before.trimEnd().slice(-20)) + sign;
      else if (/\w$/.test(before)) before += " ";
      at += 1;
    }
  }
  return found;
}

function endOfString(source: string, from: number, quote: string): number {
  let at = from + 1;
  while (at < source.length && source[at] !== quote) at += source[at] === "\\" ? 2 : 1;
  return at + 1;
}

/** After the closing mark, or after the brace that opens an expression. */
function endOfTemplateText(source: string, from: number): number {
  let at = from;
  while (at < source.length && source[at] !== "`" && source.slice(at, at + 2) !== "${")
    at += source[at] === "\\" ? 2 : 1;
  return source[at] === "`" ? at + 1 : at + 2;
}
