/** The figures of each day as small charts in SVG: one bar a day, without a script and without styles of its own. */

import { dayText } from "#core/values/moment.ts";
import { html, type Html } from "#server/http/html.ts";
import type { Days, Figures } from "#store/console/figures.ts";
import { countIn } from "#store/reports/counted-rows.ts";

const HALF_DAY_MS = 43_200_000;

/** Every day of the span, so that a day on which nothing came in has its place. */
function dayNames({ from, to, zone }: Days): readonly string[] {
  const format = new Intl.DateTimeFormat("en-CA", { timeZone: zone });
  const names = new Set<string>();
  for (let at = from.getTime(); at < to.getTime(); at += HALF_DAY_MS) names.add(format.format(at));
  return [...names];
}

/** What came in, was answered and went to people, and what the model cost, each as a chart. */
export function dayCharts({ counts, spent }: Figures, span: Days): readonly Html[] {
  const names = dayNames(span);
  const chart = (
    title: string,
    valueOf: (day: string) => number,
    wordsOf: (value: number) => string = String,
  ): Html => {
    const bars = names.map((day) => {
      const value = valueOf(day);
      return { name: dayText(day, span.to), value, words: wordsOf(value) };
    });
    return html`<div class="box">
      <h3>${title}</h3>
      ${barChart(title, bars)}
    </div>`;
  };
  return [
    chart("Received", (day) => countIn(counts, "received", day)),
    chart("Answered", (day) => countIn(counts, "answered", day)),
    chart("To people", (day) => countIn(counts, "to-people", day)),
    chart(
      "Spent on the model",
      (day) => spent.find(({ group }) => group === day)?.usd ?? 0,
      (usd) => `${usd.toFixed(2)} USD`,
    ),
  ];
}

const HEIGHT = 70;
const WIDTH = 240;

/** One bar of a chart. */
interface Bar {
  readonly name: string;
  readonly value: number;
  /** The value as a person reads it. */
  readonly words: string;
}

/** Bars side by side, with the first and the last day and the highest bar; a reader without eyes gets all as a sentence. */
function barChart(title: string, bars: readonly Bar[]): Html {
  const highest = bars.reduce<Bar | null>(
    (most, bar) => (most === null || bar.value > most.value ? bar : most),
    null,
  );
  const [first] = bars;
  const last = bars.at(-1);
  if (highest === null || first === undefined || last === undefined)
    return html`<p class="soft">Nothing yet.</p>`;
  const step = WIDTH / bars.length;
  const said = bars.map(({ name, words }) => `${name}: ${words}`).join(", ");
  return html`<svg
      class="chart"
      viewBox="0 0 ${WIDTH} ${HEIGHT}"
      preserveAspectRatio="none"
      role="img"
      aria-label="${title}. ${said}"
    >
      ${bars.map((bar, index) => barRectangle(bar, { left: index * step, step, most: highest.value }))}
    </svg>
    <p class="soft">${first.name} to ${last.name}, most ${highest.words}</p>`;
}

function barRectangle(
  { name, value, words }: Bar,
  { left, step, most }: { readonly left: number; readonly step: number; readonly most: number },
): Html {
  const height = value === 0 ? 0 : Math.max(2, (HEIGHT * value) / most);
  const place = [left + step * 0.1, HEIGHT - height, step * 0.8, height];
  const [x = "", y = "", width = "", tall = ""] = place.map((one) => one.toFixed(1));
  return html`<rect x="${x}" y="${y}" width="${width}" height="${tall}">
    <title>${name}: ${words}</title>
  </rect>`;
}
