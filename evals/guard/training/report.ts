/** Tells what training came to: rates by kind, source and language at each threshold. */
import type { Heading } from "#guard/input/classifier/weights.ts";
import type { ScoredText } from "./thresholds.ts";

/** The report as a page of Markdown. */
export function reportOf(
  scored: readonly ScoredText[],
  { thresholds, slope, shift }: Pick<Heading, "thresholds" | "slope" | "shift">,
): string {
  const { block, caution } = thresholds.body;
  const steps = [caution, ...[0.25, 0.5, 0.75].map((part) => caution + part * (block - caution))];
  const levels = [...steps, block, block + 1, block + 2];
  return [
    `Block from ${block}, caution from ${caution}; chance = 1 / (1 + e^-(${slope} × score + ${shift})).`,
    "",
    table("kind", scored, ({ text }) => text.kind, levels),
    table("source", scored, ({ text }) => `${text.kind} · ${text.source}`, levels),
    table("language", scored, ({ text }) => `${text.kind} · ${text.lang}`, levels),
  ].join("\n");
}

function table(
  title: string,
  scored: readonly ScoredText[],
  nameOf: (one: ScoredText) => string,
  levels: readonly number[],
): string {
  const groups = [...Map.groupBy(scored, nameOf)].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const head = `| ${title} | texts | ${levels.map((level) => `≥ ${level.toFixed(2)}`).join(" | ")} |`;
  const rows = groups.map(([name, texts]) => {
    const shares = levels.map((level) => share(texts, level));
    return `| ${name} | ${texts.length} | ${shares.join(" | ")} |`;
  });
  return [head, `| --- |${" ---: |".repeat(levels.length + 1)}`, ...rows, ""].join("\n");
}

function share(texts: readonly ScoredText[], level: number): string {
  const above = texts.filter(({ score }) => score >= level).length;
  return ((100 * above) / texts.length).toFixed(above === 0 ? 0 : 1);
}
