/** Small charts as SVG: one bar a day, without a script and without styles of its own. */

import { html, type Html } from "#server/http/html.ts";

const HEIGHT = 70;
const WIDTH = 240;

/** One bar of a chart. */
export interface Bar {
  readonly name: string;
  readonly value: number;
  /** The value as a person reads it. */
  readonly words: string;
}

/** Bars side by side, with the first and the last day and the highest bar; a reader without eyes gets all as a sentence. */
export function barChart(title: string, bars: readonly Bar[]): Html {
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
      ${bars.map((bar, index) => rectOf(bar, { left: index * step, step, most: highest.value }))}
    </svg>
    <p class="soft">${first.name} to ${last.name}, most ${highest.words}</p>`;
}

function rectOf(
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
