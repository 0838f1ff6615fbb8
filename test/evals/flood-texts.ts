import type { FloodText } from "#evals/flood/texts.ts";

/** A small generator of numbers that gives the same ones for the same seed (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Dice {
  below(end: number): number;
  of<T>(choices: readonly [T, ...T[]]): T;
}

function diceOf(seed: number): Dice {
  const next = seeded(seed);
  const below = (end: number): number => Math.floor(next() * end);
  return { below, of: (choices) => choices[below(choices.length)] ?? choices[0] };
}

/** Days as six countries write them. Months to 15 and days to 35: impossible ones are written as well. */
function day(dice: Dice): string {
  const [d, m, y] = [dice.below(36), dice.below(16), dice.of([0, 1899, 2024, 2026, 9999, 10_000])];
  const two = (part: number): string => String(part).padStart(2, "0");
  return dice.of([
    `${two(m)}/${two(d)}/${y}`,
    `${two(d)}/${two(m)}/${y}`,
    `${d}.${m}.${y}`,
    `${y}-${two(m)}-${two(d)}T25:61:00Z`,
    `${y}年${m}月${d}日`,
    `${d} février ${y}`,
    `February ${d}, ${y}`,
    `${d}.ª de marzo de ${y}`,
  ]);
}

function amount(dice: Dice): string {
  const currency = dice.of(["€", "$", "£", "¥", "₹", "kr", "CHF", "JPY", "BTC", "XAU"]);
  const number = dice.of([
    "1.234.567,89",
    "12,34,567.00",
    "1 234,5",
    "-0",
    "1e999",
    "0.1".padEnd(dice.below(400), "3"),
    "9".repeat(1 + dice.below(30)),
    "٣٤٥٫٦٧",
    "３４５",
    "½",
    "1,,2..3",
  ]);
  return dice.of([`${number} ${currency}`, `${currency}${number}`, `refund ${currency} ${number}`]);
}

function identifier(dice: Dice): string {
  return dice.of([
    "DE89 3704 0044 0532 0130 00",
    "GB00 ABCD 9999",
    `NO${"9".repeat(dice.below(40))}`,
    "4111 1111 1111 1111",
    "order 789",
    "#000789",
    `order ${"7".repeat(dice.below(60))}`,
    "+49 (0) 30 / 000000-0",
  ]);
}

const PLANE = 0x1_0000;
const PLANES = 17;

/** Characters of any plane, with halves of pairs among them. */
function characters(dice: Dice): string {
  const one = (): string => String.fromCodePoint(dice.below(PLANES) * PLANE + dice.below(PLANE));
  return Array.from({ length: 1 + dice.below(20) }, one).join("");
}

function broken(dice: Dice): string {
  return dice.of([
    "half \uD83D of a pair",
    "\uDE00\uD83D reversed",
    "\0 between",
    " \u2028\n\t\u2029",
    "\u202Eright to left\u202C",
    "\u{1F9D1}\u200D\u{1F680}\uFE0F".repeat(1 + dice.below(30)),
    `e${"\u0301".repeat(dice.below(200))}`,
    "\uFEFF\u200B\u00AD",
    "",
    "very ".repeat(dice.below(20_000)),
    "(".repeat(dice.below(3_000)),
  ]);
}

function link(dice: Dice): string {
  return dice.of([
    "https://ourshop.test/orders/789?a=%E0%A4%A",
    "http://[::1",
    "HTTP://user:pass@xn--.test:99999/#\u202E",
    "javascript:alert(1)",
    "www.ourshop.test.",
    "data:text/html;base64,////",
    "[orders](https://ourshop.test/%)",
    `https://ourshop.test/${"a%".repeat(dice.below(300))}`,
  ]);
}

function markup(dice: Dice): string {
  const depth = 1 + dice.below(200);
  return dice.of([
    `${"<div>".repeat(depth)}order 789`,
    "<table><td>Order 789<script>let a = `${1}`</script>",
    "&#x110000; &#0; &notanentity; &#xD800;",
    `${"> ".repeat(depth)}quoted\n> On 31/02/2026 Ann wrote:\n>> Hello`,
    "-----Original Message-----\nFrom: <>\nSent: yesterday",
    "<!-- <style>*{display:none}</style> --> <a href='",
    "```\n{'a': [1, NaN, Infinity]}\n``` $& $1 \\u{110000}",
  ]);
}

const FORMS = [day, amount, identifier, characters, broken, link, markup] as const;

function words(dice: Dice): string {
  const parts = Array.from({ length: 1 + dice.below(4) }, () => dice.of(FORMS)(dice));
  const begin = dice.of(["", "Where is order 789? ", "I want my money back: ", "Wo bleibt es? "]);
  return `${begin}${parts.join(dice.of([" ", "\n", "", ", "]))}`;
}

/** A whole mail of a program or a list, with headers that no grammar allows among them. */
function bulkMail(dice: Dice, number: number): Uint8Array {
  const headers = [
    `From: ${dice.of(["News <news@lists.test>", "<>", '"a" <b@c.test>, <d@e.test>', "=?x?q?=zz?="])}`,
    "To: care@ourshop.test",
    `Date: ${dice.of(["Fri, 20 Nov 2026 10:00:00 +0000", day(dice), "Fri, 99 Nov 2026 99:99:99 +9999"])}`,
    `Subject: ${dice.of(["Offers", "=?utf-8?B?////?=", "=?nope?Q?=FF?=", amount(dice)])}`,
    `Message-ID: ${dice.of([`<bulk-${number}@lists.test>`, `bulk-${number}`, "<>"])}`,
    dice.of(["List-Id: <news.lists.test>", "Precedence: bulk", "Auto-Submitted: auto-replied"]),
    `Content-Type: ${dice.of(["text/plain; charset=utf-8", "text/html; charset=nope", "multipart/mixed; boundary=b", "text/plain; charset=utf-16"])}`,
    `Content-Transfer-Encoding: ${dice.of(["8bit", "base64", "quoted-printable", "nope"])}`,
  ];
  const body = dice.of([words(dice), `--b\r\nContent-Type: text/plain\r\n\r\n${words(dice)}`, ""]);
  return Buffer.from(`${headers.join("\r\n")}\r\n\r\n${body}`);
}

const MAIL_EACH = 6;

/** Generates texts from a seed: dates, amounts, numbers, any Unicode, links, quotes, markup, mail. */
export function floodTexts(count: number, seed: number): readonly FloodText[] {
  const dice = diceOf(seed);
  return Array.from({ length: count }, (_, at): FloodText => {
    const id = `${seed}-${at}`;
    return at % MAIL_EACH === 0 ? { id, mail: bulkMail(dice, at) } : { id, text: words(dice) };
  });
}
