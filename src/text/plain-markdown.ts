/** Turns Markdown, which models write unasked, into plain text. */

/** A marked run of words is short; a longer one is left as it is, so that the patterns stay linear. */
const MARKS: readonly (readonly [RegExp, string])[] = [
  [/\*\*(?=\S)([^*\n]{1,300}?)(?<=\S)\*\*/gu, "$1"],
  [/(?<![\p{L}\p{N}_])__(?=\S)([^_\n]{1,300}?)(?<=\S)__(?![\p{L}\p{N}_])/gu, "$1"],
  [/~~(?=\S)([^~\n]{1,300}?)(?<=\S)~~/gu, "$1"],
  [/(?<![\p{L}\p{N}*])\*(?=[^\s*])([^*\n]{1,300}?)(?<=[^\s*])\*(?![\p{L}\p{N}*])/gu, "$1"],
  [/(?<![\p{L}\p{N}_])_(?=[^\s_])([^_\n]{1,300}?)(?<=[^\s_])_(?![\p{L}\p{N}_])/gu, "$1"],
  [/`([^`\n]{1,300})`/gu, "$1"],
];

/** An image is no link: its mark stays, and the check of what goes out refuses it. */
const LINK = /(?<!!)\[([^[\]\n]{1,300})\]\(([^()\s]{1,1000})\)/gu;
const HEADING = /^ {0,3}#{1,6} +/u;
const BULLET = /^(\s{0,12})[*+] +(?=\S)/u;
const FENCE = /^ {0,3}(?:```|~~~)[\w-]{0,20}\s*$/u;
const RULE = /^ {0,3}(?:(?:\* ?){3,40}|(?:- ?){3,40}|(?:_ ?){3,40})$/u;

/**
 * The same words as every channel shows them: marks of bold, italic and code are gone, a link stands as its words with
 * the address in brackets, and lists begin with a dash. Text without such marks stays as it is. Linear in the text.
 */
export function plainText(text: string): string {
  if (!/[*_~`#[+]|-{3}|- - -/u.test(text)) return text;
  return text
    .split("\n")
    .filter((line) => !FENCE.test(line) && !RULE.test(line))
    .map(plainLine)
    .join("\n");
}

function plainLine(line: string): string {
  const unlisted = line.replace(HEADING, "").replace(BULLET, "$1- ");
  const linked = unlisted.replaceAll(LINK, (_link, words: string, address: string) =>
    words === address ? address : `${words} (${address})`,
  );
  // An address is left as it is: marks in it are part of it.
  return linked
    .split(/(https?:\/\/\S+)/u)
    .map((part, index) =>
      index % 2 === 1
        ? part
        : MARKS.reduce((words, [pattern, into]) => words.replaceAll(pattern, into), part),
    )
    .join("");
}
