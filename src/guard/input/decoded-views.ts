/**
 * Decodes hidden text. A model reads base64, hexadecimal digits and reversed letters almost as well as plain text, so
 * the rules have to check them too. Each way of hiding is first recognised by its shape; ordinary text has none of
 * them, so the work stays proportional to the text.
 */

/** A text after decoding, with how it was hidden, for card and trace. */
export interface DecodedView {
  readonly how: string;
  readonly text: string;
}

const BASE64 = /[A-Za-z0-9+/_-]{16,}={0,2}/g;
const HEX = /(?:(?:\\x|0x|%)?[0-9a-f]{2}[ ,:]?){12,}/gi;
const PERCENT = /(?:%[0-9a-f]{2}|[\w.,+-]){4,}/gi;
/** Letters one by one: "i g n o r e", "i.g.n.o.r.e". */
const SPACED = /(?<![\p{L}\p{N}])(?:[\p{L}\p{N}][ .\-_*|]{1,3}){7,}[\p{L}\p{N}](?![\p{L}\p{N}])/gu;
/** Digits and signs that stand for letters, inside words: "1gn0r3". */
const LEET_WORD =
  /(?<![\p{L}\p{N}@$])(?=[\p{L}\p{N}@$]*[a-z])(?=[\p{L}\p{N}@$]*[0134578@$])[a-z0134578@$]{4,30}/giu;
/** A letter beside a digit or sign, as every such word has. */
const MIXED = /\p{L}[\p{N}@$]|[\p{N}@$]\p{L}/u;
const LEET_WORDS_MIN = 2;
const LEET: Readonly<Record<string, string>> = {
  "0": "o",
  "1": "i",
  "3": "e",
  "4": "a",
  "5": "s",
  "7": "t",
  "8": "b",
  "@": "a",
  $: "s",
};
/** Words of attacks, reversed and in ROT13. */
const REVERSED = /snoitcurtsni|tpmorp|erongi|dnufer|drowssap/i;
const MOVED = /\b(?:vtaber|vafgehpgvbaf|cebzcg|flfgrz|ershaq|sbetrg)\b/i;

/** What a text says once decoded, apart from its plain reading; empty for nearly all texts. */
export function decodedViews(text: string): readonly DecodedView[] {
  return [
    ...decoded(text, BASE64, "in base64", (run) => Buffer.from(run, "base64")),
    ...decoded(text, HEX, "in hexadecimal digits", (run) =>
      Buffer.from(run.replaceAll(/\\x|0x|[^0-9a-f]/gi, ""), "hex"),
    ),
    ...percentDecoded(text),
    ...spaced(text),
    ...leet(text),
    ...(REVERSED.test(text)
      ? [{ how: "turned round", text: Array.from(text).toReversed().join("") }]
      : []),
    ...(MOVED.test(text) ? [{ how: "in moved letters", text: moved(text) }] : []),
  ];
}

function decoded(
  text: string,
  shape: RegExp,
  how: string,
  decode: (run: string) => Buffer,
): readonly DecodedView[] {
  const texts = (text.match(shape) ?? []).map((run) => decode(run).toString("utf8")).filter(isText);
  return texts.length === 0 ? [] : [{ how, text: texts.join("\n") }];
}

/** True for letters and spaces; decoded bytes of anything else hardly ever are. */
function isText(decodedText: string): boolean {
  const plain = decodedText.match(/[\p{L}\p{N}\s.,:;!?'"()-]/gu)?.length ?? 0;
  return (
    decodedText.length > 7 && plain / decodedText.length > 0.9 && /\p{L}\s\p{L}/u.test(decodedText)
  );
}

function percentDecoded(text: string): readonly DecodedView[] {
  if (!text.includes("%")) return [];
  const texts = (text.match(PERCENT) ?? [])
    .filter((run) => (run.match(/%/g)?.length ?? 0) > 3)
    .map((run) =>
      run
        .replaceAll("+", " ")
        .replace(/%([0-9a-f]{2})/gi, (_all, code: string) =>
          String.fromCodePoint(Number.parseInt(code, 16)),
        ),
    );
  return texts.length === 0 ? [] : [{ how: "in the code of links", text: texts.join("\n") }];
}

/** Wider gaps count as the ends of words. */
function spaced(text: string): readonly DecodedView[] {
  const runs = text.match(SPACED) ?? [];
  return runs.length === 0
    ? []
    : [
        {
          how: "in single letters",
          text: runs
            .map((run) => run.replaceAll(/[ .\-_*|]{2,}/g, "\u0000").replaceAll(/[ .\-_*|]/g, ""))
            .map((run) => run.replaceAll("\u0000", " "))
            .join("\n"),
        },
      ];
}

function leet(text: string): readonly DecodedView[] {
  if (!MIXED.test(text)) return [];
  const words = text.match(LEET_WORD) ?? [];
  if (words.length < LEET_WORDS_MIN) return [];
  return [
    {
      how: "in digits for letters",
      text: text.replace(LEET_WORD, (word) =>
        word.replaceAll(/[0134578@$]/g, (sign) => LEET[sign] ?? sign),
      ),
    },
  ];
}

function moved(text: string): string {
  return text.replaceAll(/[a-z]/gi, (letter) => {
    const base = letter <= "Z" ? 65 : 97;
    return String.fromCodePoint(((letter.charCodeAt(0) - base + 13) % 26) + base);
  });
}
