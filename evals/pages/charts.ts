/** The two charts of a page, as SVG without a script. */
import { percent } from "#evals/report.ts";
import { happened } from "#evals/runs/record.ts";
import type { RunReport } from "#evals/runs/report-data.ts";
import { html, type Html } from "#server/http/html.ts";

const WIDTH = 360;
const HEIGHT = 190;
const LEFT = 44;
const BOTTOM = 160;
const TOP = 16;

/** pass^1 … pass^k with intervals, and the same of the earlier run as rings. */
export function passChart({ passes, passesBefore, k }: RunReport): Html {
  const y = (share: number): number => BOTTOM - share * (BOTTOM - TOP);
  const x = (times: number): number => LEFT + ((times - 0.5) / k) * (WIDTH - LEFT - 10);
  const known = passes.flatMap((one) => (one.share === null ? [] : [{ ...one, share: one.share }]));
  const told = known.map(({ k: times, share }) => `pass^${times} ${percent(share)}`).join(", ");
  return html`<figure>
    <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${told}">
      ${[0, 0.5, 1].map(
        (share) =>
          html`<line
              x1="${LEFT}"
              x2="${WIDTH}"
              y1="${y(share)}"
              y2="${y(share)}"
              class="grid"
            /><text x="${LEFT - 6}" y="${y(share) + 4}" class="end">${share * 100} %</text>`,
      )}
      ${known.map(
        ({ k: times, share, interval }) =>
          html`<line
              x1="${x(times)}"
              x2="${x(times)}"
              y1="${y(interval.low)}"
              y2="${y(interval.high)}"
              class="range"
            /><circle cx="${x(times)}" cy="${y(share)}" r="5" class="dot" /><text
              x="${x(times)}"
              y="${HEIGHT - 12}"
              class="middle"
              >pass^${times}</text
            ><text x="${x(times) + 9}" y="${y(share) + (share > 0.9 ? 18 : -8)}"
              >${percent(share)}</text
            >`,
      )}
      ${passesBefore.map(({ k: times, share }) =>
        share === null
          ? null
          : html`<circle cx="${x(times)}" cy="${y(share)}" r="8" class="ring" />`,
      )}
    </svg>
    <figcaption>
      pass^k: all of k plays of a case pass, with 95 %
      intervals${passesBefore.length === 0 ? "" : "; rings: the earlier run"}
    </figcaption>
  </figure>`;
}

const BARS = 12;

/** How long plays took: how many fell into each of twelve equal spans up to the slowest. */
export function timeChart({ records, spent }: RunReport): Html {
  const times = happened(records).map(({ seen }) => seen.durationMs);
  const longest = Math.max(1, ...times);
  const counts = Array.from(
    { length: BARS },
    (_none, bar) =>
      times.filter((time) => Math.min(BARS - 1, Math.floor((time / longest) * BARS)) === bar)
        .length,
  );
  const most = Math.max(1, ...counts);
  const step = (WIDTH - LEFT - 10) / BARS;
  const told = `p50 ${Math.round(spent.p50Ms ?? 0)} ms, p95 ${Math.round(spent.p95Ms ?? 0)} ms, longest ${Math.round(longest)} ms`;
  const at = (ms: number): number => LEFT + (ms / longest) * (WIDTH - LEFT - 10);
  return html`<figure>
    <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${told}">
      <line x1="${LEFT}" x2="${WIDTH}" y1="${BOTTOM}" y2="${BOTTOM}" class="grid" />
      <text x="${LEFT - 6}" y="${TOP + 8}" class="end">${most}</text>
      ${counts.map((count, bar) => {
        const height = (count / most) * (BOTTOM - TOP);
        return html`<rect
          x="${LEFT + bar * step + 1}"
          y="${BOTTOM - height}"
          width="${step - 2}"
          height="${height}"
          class="bar"
        />`;
      })}
      ${[spent.p50Ms, spent.p95Ms].map((ms, index) =>
        ms === null
          ? null
          : html`<line
                x1="${at(ms)}"
                x2="${at(ms)}"
                y1="${TOP}"
                y2="${BOTTOM}"
                class="range"
              /><text x="${at(ms) + 4}" y="${TOP + 8 + index * 14}"
                >${index === 0 ? "p50" : "p95"}</text
              >`,
      )}
      <text x="${LEFT}" y="${HEIGHT - 12}">0 ms</text>
      <text x="${WIDTH - 10}" y="${HEIGHT - 12}" class="end">${Math.round(longest)} ms</text>
    </svg>
    <figcaption>Plays by time: ${told}</figcaption>
  </figure>`;
}
