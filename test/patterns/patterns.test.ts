/** No regular expression of the program takes long for any text: whoever writes to a shop chooses what it reads. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { processorClock } from "#test/support/processor-time.ts";
import { attacksOn } from "./attacks.ts";
import { patternLiterals, type PatternLiteral } from "./literals.ts";

const ROOT = join(import.meta.dirname, "../..");

/** Growing, so that what doubles with each character is seen before it takes hours. */
const LENGTHS = [20, 26, 32, 40, 50, 64, 256, 1_024, 4_096];
const LENGTH_LAST = 32_768;
const NOTHING_MS = 0.5;
/** Begins anew at each place and does next to nothing there: the cheapest of what is too dear. */
const CHEAPEST_TOO_DEAR = /<!--[\s\S]*?-->/g;
/** Of what that one takes; what reads on linearly takes less than half of it. */
const SHARE_MAX = 0.5;
/** What is far beyond is believed at once; what is near may have been disturbed, and is tried again. */
const FAR_BEYOND = 10;
const TRIES = 3;

function msOf(work: () => unknown): number {
  const tookMs = processorClock();
  work();
  return tookMs();
}

/** Milliseconds of the cheapest expression that is too dear: 50 to 200, on one machine within a minute. */
function tooDearMs(): number {
  return msOf(() => "<!--".repeat(LENGTH_LAST / 4).replaceAll(CHEAPEST_TOO_DEAR, ""));
}

/** Where a closer look begins: half of that share, for a machine that may have become twice as fast since. */
const NEAR_MS = (SHARE_MAX / 2) * Math.min(...Array.from({ length: TRIES }, tooDearMs));

/** Whether work takes too long beside the cheapest that does, each time measured right after it. */
function isSlow(work: () => unknown, firstMs: number): boolean {
  if (firstMs <= NEAR_MS || firstMs > NEAR_MS * FAR_BEYOND) return firstMs > NEAR_MS;
  return Array.from({ length: TRIES }, () => msOf(work) / tooDearMs()).every(
    (share) => share > SHARE_MAX,
  );
}

/** The beginning of a text that keeps the expression busy; null when there is none among those tried. */
function slowText({ pattern, isRepeated }: Omit<PatternLiteral, "line">): string | null {
  const all = new RegExp(pattern.source, `${pattern.flags.replace("g", "")}g`);
  const read = (text: string): unknown =>
    isRepeated ? text.replaceAll(all, "") : pattern.test(text);
  for (const attack of attacksOn(pattern)) {
    let took = 0;
    for (const text of [...LENGTHS.map(attack), attack(LENGTH_LAST)]) {
      // What took nothing so far does not begin to take long at eight times the length.
      if (text.length >= LENGTH_LAST && took < NOTHING_MS) break;
      took = msOf(() => read(text));
      if (isSlow(() => read(text), took)) return `${text.length} of ${text.slice(0, 40)}`;
    }
  }
  return null;
}

test("no regular expression of the program takes long for a text made against it", () => {
  const found: string[] = [];
  const tried = new Map<string, string | null>();
  let count = 0;
  for (const folder of ["src", "adapters", "jobs", "packages"])
    for (const file of readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })) {
      if (!file.endsWith(".ts")) continue;
      const path = join(folder, file);
      for (const literal of patternLiterals(readFileSync(join(ROOT, path), "utf8"))) {
        count += 1;
        const same = `${literal.pattern} ${literal.isRepeated}`;
        const text = tried.has(same) ? (tried.get(same) ?? null) : slowText(literal);
        tried.set(same, text);
        if (text !== null)
          found.push(`${path}:${literal.line} ${literal.pattern} by ${JSON.stringify(text)}`);
      }
    }
  assert.ok(count > 1_000, `only ${count} expressions were found`);
  assert.deepEqual(found, []);
});

test("an expression that begins anew at each place, nests its repeats or has two for the same characters is found", () => {
  for (const [pattern, isRepeated = true] of [
    [/<meta\s[^>]*name\s*=\s*["']?robots["']?[^>]*\bnoindex\b/i],
    [/<loc>\s*(?:<!\[CDATA\[)?\s*(?<address>[^<\]\s]+)/gi],
    [/<a\s[^>]*?\bhref\s*=/gi],
    [/(?:a+)+$/, false],
    [/(?:`(?:[^`]|``)*`,?)*\)/, false],
    [/\s+$/, false],
    [/^# +(.+?) *#*$/, false],
    [CHEAPEST_TOO_DEAR],
    [/[\w.+-]+@[\w-]+/g],
  ] satisfies readonly (readonly [RegExp, boolean?])[])
    assert.notEqual(slowText({ pattern, isRepeated }), null, String(pattern));
});

test("expressions are found wherever they stand, and divisions are none", () => {
  const source = [
    "const one = a / b / c; // not /this/",
    'const two = text.split(/a\\/b/) + "/no/";',
    "const three = `${text.replace(/[/`}]/g, `${x}`)} /no/ ${/in/u}`;",
    "return /last/i.test(x)[0] / 2 / y;",
  ].join("\n");
  assert.deepEqual(
    patternLiterals(source).map(({ line, pattern, isRepeated }) => [
      line,
      String(pattern),
      isRepeated,
    ]),
    [
      [2, "/a\\/b/", true],
      [3, "/[/`}]/g", true],
      [3, "/in/u", false],
      [4, "/last/i", false],
    ],
  );
});
