const UNITS = [
  "zero",
  "one",
  "two",
  "three",
  "four",
  "five",
  "six",
  "seven",
  "eight",
  "nine",
  "ten",
  "eleven",
  "twelve",
  "thirteen",
  "fourteen",
  "fifteen",
  "sixteen",
  "seventeen",
  "eighteen",
  "nineteen",
];
const TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];

const VALUES = new Map<string, number>([
  ...UNITS.map((word, value): [string, number] => [word, value]),
  ...TENS.map((word, index): [string, number] => [word, (index + 2) * 10]),
  ["a", 1],
  ["an", 1],
]);
const SCALES = new Map([
  ["hundred", 100],
  ["thousand", 1_000],
]);

const PLAIN = [...UNITS, ...TENS, ...SCALES.keys()].join("|");

/** Source of a pattern for a number in words, such as "two" or "one hundred and twenty". */
export const NUMBER_WORDS = `(?:(?:an? )?(?:${PLAIN})(?:(?:[ -]| and )(?:${PLAIN})){0,6})`;

/** The value of digits ("1,200") or words ("a hundred and twenty"); NaN for anything else. */
export function numberOf(text: string): number {
  const plain = text.trim().toLowerCase();
  if (/^\d/.test(plain)) return Number(decimalPoint(plain));
  let total = 0;
  let group = 0;
  for (const word of plain.split(/[ -]+/)) {
    if (word === "and") continue;
    const scale = SCALES.get(word);
    if (scale === undefined) group += VALUES.get(word) ?? NaN;
    else if (scale === 100) group = Math.max(group, 1) * 100;
    else {
      total += Math.max(group, 1) * scale;
      group = 0;
    }
  }
  return total + group;
}

/** "1,200.50" and the continental "120,50" and "1.200,50" with a decimal point and nothing else. */
function decimalPoint(text: string): string {
  if (/,\d{2}$/.test(text) && !/\.\d{1,2}$/.test(text))
    return text
      .replaceAll(".", "")
      .replace(/,(?=\d{2}$)/, ".")
      .replaceAll(",", "");
  return text.replaceAll(",", "");
}
