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
/** Half of what that one takes on this machine, 50 on a slow one; a linear expression takes less than half of it. */
const PROCESSOR_MS_MAX = Math.min(
  ...[1, 2, 3].map(() => {
    const tookMs = processorClock();
    "<!--".repeat(LENGTH_LAST / 4).replaceAll(CHEAPEST_TOO_DEAR, "");
    return tookMs() / 2;
  }),
);
/** What is far beyond is believed at once; what is near may have been disturbed, and is tried again. */
const FAR_BEYOND = 5;

/** The beginning of a text that keeps the expression busy; null when there is none among those tried. */
function slowText({ pattern, isRepeated }: Omit<PatternLiteral, "line">): string | null {
  const all = new RegExp(pattern.source, `${pattern.flags.replace("g", "")}g`);
  const read = (text: string): unknown =>
    isRepeated ? text.replaceAll(all, "") : pattern.test(text);
  const msFor = (text: string): number => {
    const tookMs = processorClock();
    read(text);
    return tookMs();
  };
  const isSlow = (text: string, first: number): boolean => {
    if (first <= PROCESSOR_MS_MAX || first > PROCESSOR_MS_MAX * FAR_BEYOND)
      return first > PROCESSOR_MS_MAX;
    return Math.min(msFor(text), msFor(text)) > PROCESSOR_MS_MAX;
  };
  for (const attack of attacksOn(pattern)) {
    let took = 0;
    for (const text of [...LENGTHS.map(attack), attack(LENGTH_LAST)]) {
      // What took nothing so far does not begin to take long at eight times the length.
      if (text.length >= LENGTH_LAST && took < NOTHING_MS) break;
      took = msFor(text);
      if (isSlow(text, took)) return `${text.length} of ${text.slice(0, 40)}`;
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
