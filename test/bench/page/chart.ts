/** Charts as SVG that is written by hand from the figures, readable on a light and on a dark page. */

/** One bar; `note` stands behind it instead of the bare number. */
export interface Bar {
  readonly name: string;
  readonly value: number;
  readonly note: string;
  /** Ours is drawn in a colour of its own. */
  readonly own: boolean;
}

const WIDTH = 760;
const ROW = 30;
const NAMES = 230;
const NOTES = 130;
const TOP = 56;

/** Horizontal bars over one scale from zero. */
export function barChart(chart: {
  readonly title: string;
  readonly subtitle: string;
  readonly bars: readonly Bar[];
}): string {
  const { bars } = chart;
  const most = Math.max(...bars.map(({ value }) => value), Number.MIN_VALUE);
  const height = TOP + bars.length * ROW + 12;
  const rows = bars.map(({ name, value, note, own }, index) => {
    const y = TOP + index * ROW;
    const length = Math.max(2, (value / most) * (WIDTH - NAMES - NOTES));
    return [
      `<text x="${NAMES - 10}" y="${y + 16}" text-anchor="end">${escaped(name)}</text>`,
      `<rect class="${own ? "own" : "other"}" x="${NAMES}" y="${y + 3}" width="${length.toFixed(1)}" height="${ROW - 12}" rx="2"/>`,
      `<text class="note" x="${(NAMES + length + 8).toFixed(1)}" y="${y + 16}">${escaped(note)}</text>`,
    ].join("\n");
  });
  return framed(chart, height, rows);
}

/** One line of a chart: a value for each place on the scale below. */
export interface Line {
  readonly name: string;
  readonly values: readonly number[];
}

const PLOT = { left: 62, right: 170, top: 70, height: 220 };

/** Lines over named places; the scale begins at zero. */
export function lineChart(chart: {
  readonly title: string;
  readonly subtitle: string;
  readonly places: readonly string[];
  readonly lines: readonly Line[];
}): string {
  const { places, lines } = chart;
  const { most, steps } = scaleFor(
    Math.max(...lines.flatMap(({ values }) => values), Number.MIN_VALUE),
  );
  const wide = WIDTH - PLOT.left - PLOT.right;
  const x = (index: number): number => PLOT.left + (wide * index) / Math.max(1, places.length - 1);
  const y = (value: number): number => PLOT.top + PLOT.height * (1 - value / most);
  const scale = Array.from({ length: steps + 1 }, (_, step) => (most * step) / steps).map(
    (value) =>
      `<path class="rule" d="M${PLOT.left} ${y(value).toFixed(1)}H${WIDTH - PLOT.right}"/>\n` +
      `<text class="note" x="${PLOT.left - 8}" y="${(y(value) + 4).toFixed(1)}" text-anchor="end">${shortNumber(value)}</text>`,
  );
  const under = places.map(
    (place, index) =>
      `<text class="note" x="${x(index).toFixed(1)}" y="${PLOT.top + PLOT.height + 22}" text-anchor="middle">${escaped(place)}</text>`,
  );
  const labels = apart(lines.map(({ values }) => y(values.at(-1) ?? 0)));
  const drawn = lines.map(({ name, values }, index) => {
    const points = values.map((value, at) => `${x(at).toFixed(1)} ${y(value).toFixed(1)}`);
    const dots = values.map(
      (value, at) =>
        `<circle class="l${index} dot" cx="${x(at).toFixed(1)}" cy="${y(value).toFixed(1)}" r="4"/>`,
    );
    return [
      `<path class="l${index} line" d="M${points.join("L")}"/>`,
      ...dots,
      `<text class="l${index} label" x="${WIDTH - PLOT.right + 14}" y="${((labels[index] ?? 0) + 4).toFixed(1)}">${escaped(name)}</text>`,
    ].join("\n");
  });
  return framed(chart, PLOT.top + PLOT.height + 40, [...scale, ...under, ...drawn]);
}

/** Labels at the ends of lines, moved down until no two touch. */
function apart(wanted: readonly number[]): readonly number[] {
  const LABEL = 17;
  const placed = [...wanted];
  const order = wanted
    .map((_, index) => index)
    .toSorted((a, b) => (wanted[a] ?? 0) - (wanted[b] ?? 0));
  let last = Number.NEGATIVE_INFINITY;
  for (const index of order) {
    last = Math.max(last + LABEL, wanted[index] ?? 0);
    placed[index] = last;
  }
  return placed;
}

/** The end of a scale that begins at zero, and into how many round steps it is cut. */
function scaleFor(value: number): { readonly most: number; readonly steps: number } {
  const power = 10 ** Math.floor(Math.log10(value));
  const factor = [1, 2, 4, 5, 8].find((one) => one * power >= value) ?? 10;
  return { most: factor * power, steps: factor % 5 === 0 ? 5 : 4 };
}

function shortNumber(value: number): string {
  return value >= 10 || Number.isInteger(value)
    ? value.toFixed(0)
    : value.toFixed(value >= 1 ? 1 : 2);
}

/** Colours of the page's own text; the browser says whether the page is dark. */
const STYLE = `
text{font:13px system-ui,-apple-system,"Segoe UI",sans-serif;fill:#1f2328}
.title{font-size:16px;font-weight:600}.sub,.note{fill:#59636e}.label{font-weight:600}
.own{fill:#0969da}.other{fill:#afb8c1}.rule{stroke:#d1d9e0;fill:none}
.line{fill:none;stroke-width:2.5}
.l0{stroke:#0969da}.l1{stroke:#bc4c00}.l2{stroke:#1a7f37}.l3{stroke:#8250df}
.l0.dot,.l0.label{fill:#0969da}.l1.dot,.l1.label{fill:#bc4c00}.l2.dot,.l2.label{fill:#1a7f37}.l3.dot,.l3.label{fill:#8250df}
.label{stroke:none}
.paper{fill:#fff}
@media(prefers-color-scheme:dark){
text{fill:#f0f6fc}.sub,.note{fill:#9198a1}.own{fill:#4493f8}.other{fill:#656c76}.rule{stroke:#3d444d}.paper{fill:#0d1117}
.l0{stroke:#4493f8}.l1{stroke:#db6d28}.l2{stroke:#3fb950}.l3{stroke:#ab7df8}
.l0.dot,.l0.label{fill:#4493f8}.l1.dot,.l1.label{fill:#db6d28}.l2.dot,.l2.label{fill:#3fb950}.l3.dot,.l3.label{fill:#ab7df8}
.label{stroke:none}
}`;

function framed(
  { title, subtitle }: { readonly title: string; readonly subtitle: string },
  height: number,
  content: readonly string[],
): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${escaped(`${title}: ${subtitle}`)}">
<style>${STYLE}</style>
<rect class="paper" width="${WIDTH}" height="${height}" rx="6"/>
<text class="title" x="14" y="24">${escaped(title)}</text>
<text class="sub" x="14" y="43">${escaped(subtitle)}</text>
${content.join("\n")}
</svg>
`;
}

function escaped(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/"/g, "&quot;");
}
