/** Texts that are hard to read: each repeats what some reader has to look far ahead or back for. */

const repeated = (piece: string) => (length: number) =>
  piece.repeat(Math.ceil(length / piece.length)).slice(0, length);
const between = (open: string, close: string) => (length: number) => {
  const count = Math.floor(length / (open.length + close.length));
  return `${open.repeat(count)}x${close.repeat(count)}`;
};
const led = (start: string, piece: string) => (length: number) =>
  `${start}${repeated(piece)(Math.max(0, length - start.length))}`;

/** A text of about so many characters for each shape, by what it repeats. */
export const SHAPES: Readonly<Record<string, (length: number) => string>> = {
  letters: repeated("a"),
  digits: repeated("7"),
  spaces: repeated(" "),
  "line ends": repeated("\n"),
  "lines of a letter": repeated("a\n"),
  "quoted lines": repeated("> a\n"),
  "quotes in quotes": repeated("> > > > "),
  "open angles": repeated("<"),
  "open tags": repeated("<a "),
  "open attributes": repeated('<a href="'),
  "attributes of one tag": led("<a ", 'b="c" '),
  "nested tags": between("<div>", "</div>"),
  "nested styles": between('<i style="color:#fff">', "</i>"),
  "unclosed tags": repeated("<b><i>"),
  tables: led("<table>", "<tr><td>1"),
  "open comments": repeated("<!--"),
  "closed comments": repeated("<!--a-->"),
  "style sheets": repeated("<style>.a{display:none}</style>"),
  selectors: led("<style>", ".a,.b>.c "),
  references: repeated("&"),
  "numbered references": repeated("&#60;"),
  "open brackets": repeated("["),
  links: repeated("[a](b) "),
  "open links": repeated("[a]("),
  "bare links": repeated("https://a.test/b?c=d "),
  stars: repeated("*"),
  underlines: repeated("_a "),
  "ticks of code": repeated("`"),
  fences: repeated("```\n"),
  "rows of a table": repeated("|a|b"),
  headings: repeated("# a\n"),
  "lists in lists": (length) =>
    Array.from(
      { length: Math.floor(Math.sqrt(length)) },
      (_, depth) => `${" ".repeat(depth)}- a`,
    ).join("\n"),
  addresses: repeated("a@b.test "),
  "open addresses": repeated("a@"),
  "dots of a name": repeated("a."),
  "encoded words": repeated("=?utf-8?q?a?= "),
  "open encoded words": repeated("=?utf-8?q?"),
  "quoted pairs": repeated('"\\'),
  parentheses: between("(", ")"),
  boundaries: repeated("--x\n"),
  "parts in parts": repeated("--x\nContent-Type: multipart/mixed; boundary=x\n\n"),
  "equal signs": repeated("=\n"),
  "letters of base64": repeated("QUJD"),
  "marks upon marks": repeated("\u0301"),
  "invisible characters": repeated("\u200b"),
  "joined emoji": repeated("\u{1f469}\u200d"),
  "full-width letters": repeated("\uff41"),
  "hidden tags": repeated("\u{e0061}"),
  amounts: repeated("1.000,00 EUR "),
  "numbers with points": repeated("1."),
  dates: repeated("1.2.2026 "),
  orders: repeated("order 1003, "),
  "requests for money": repeated("please refund order 1003 "),
  sentences: repeated("Where is it? "),
  "sentences without an end": repeated("and I have not "),
  "lines that begin an answer": repeated("On Monday Ann wrote:\n"),
  "fields of a head": repeated("From: a\nTo: b\n"),
  "site lists": repeated("<loc>a</loc>"),
  "open site lists": repeated("<loc>"),
  "rules for robots": repeated("User-agent: *\nDisallow: /a\n"),
};
