/**
 * Room: the report of a run as one page that needs nothing else: no script, no server, no other file.
 * In: a counted run.
 * Out: HTML.
 * May touch: nothing.
 * This file: the page, from the verdict down to the foot.
 */
import { createHash } from "node:crypto";
import { shownValue } from "#evals/measures.ts";
import { between, percent } from "#evals/report.ts";
import { BUCKET_NAMES, BUCKETS, type Bucket } from "#evals/runs/buckets.ts";
import { ruleOf, type RunReport, verdictOf } from "#evals/runs/report-data.ts";
import { html, type Html } from "#server/http/html.ts";
import { caseView } from "./case-view.ts";
import { passChart, timeChart } from "./charts.ts";
import { slices } from "./slices.ts";
import { STYLE } from "./style.ts";
import { tilesOf } from "./tiles.ts";

/** Buckets that are open when the page is; the rest is folded. */
const OPEN: ReadonlySet<Bucket> = new Set(["rule_breaks", "regressed", "still_failing", "errors"]);

/** The whole page. The browser refuses everything but its one style sheet, whatever a text in it says. */
export function runPage(report: RunReport): string {
  const digest = createHash("sha256").update(STYLE).digest("base64");
  const page = html`<html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta
        http-equiv="Content-Security-Policy"
        content="default-src 'none'; style-src 'sha256-${digest}'"
      />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <title>Evals with ${report.model}, ${dayOf(report.startedAt)}</title>
      STYLE-SHEET
    </head>
    <body>
      <main>
        ${head(report)} ${tiles(report)} ${charts(report)} ${contents(report)}
        ${BUCKETS.map((bucket) => bucketPart(bucket, report))} ${measures(report)} ${slices(report)}
        ${foot(report)}
      </main>
    </body>
  </html>`;
  // The style sheet has no gaps, and escaping it would change its digest.
  return `<!doctype html>\n${page.toString().replace("STYLE-SHEET", () => `<style>${STYLE}</style>`)}\n`;
}

function dayOf(iso: string): string {
  return iso.slice(0, 16).replace("T", " ");
}

function head(report: RunReport): Html {
  const rule = ruleOf(report);
  const state = rule.holds === null ? "open" : rule.holds ? "kept" : "broken";
  const sign = rule.holds === null ? "?" : rule.holds ? "✓" : "✗";
  return html`<header>
    <p class="kicker">
      Evals with ${report.model}${report.model === "rehearsal" ? " · rehearsal rules, no AI" : ""} ·
      ${dayOf(report.startedAt)} UTC
    </p>
    <h1>${verdictOf(report)}</h1>
    <p class="rule ${state}"><span aria-hidden="true">${sign}</span> ${rule.text}</p>
    ${
      report.stopped === null
        ? null
        : html`<p class="rule open">
            <span aria-hidden="true">!</span> Stopped: ${report.stopped}
          </p>`
    }
    ${
      (report.comparison?.regressions.length ?? 0) === 0
        ? null
        : html`<ul class="reasons">
            ${report.comparison?.regressions.map((line) => html`<li>${line}</li>`)}
          </ul>`
    }
  </header>`;
}

function tiles(report: RunReport): Html {
  return html`<section class="tiles" aria-label="The five figures">
    ${tilesOf(report).map(
      (tile) =>
        html`<div class="tile ${tile.state}">
          <h2>${tile.name}</h2>
          <p class="figure">${tile.figure}</p>
          <p>${tile.range}</p>
          <p class="change">${tile.change}</p>
        </div>`,
    )}
  </section>`;
}

function charts(report: RunReport): Html {
  return html`<section class="charts">${passChart(report)} ${timeChart(report)}</section>`;
}

function contents(report: RunReport): Html {
  const counts = BUCKETS.map((bucket) => ({
    bucket,
    count: report.cases.filter((one) => one.bucket === bucket).length,
  }));
  return html`<nav aria-label="Buckets">
    ${counts.map(
      ({ bucket, count }) =>
        html`<a href="#${bucket}" class="${count === 0 ? "none" : bucket}"
          ><strong>${count}</strong> ${BUCKET_NAMES[bucket].name.toLowerCase()}</a
        >`,
    )}
  </nav>`;
}

function bucketPart(bucket: Bucket, report: RunReport): Html {
  const cases = report.cases.filter((one) => one.bucket === bucket);
  const { name, holds } = BUCKET_NAMES[bucket];
  const views = cases.map((one) =>
    caseView(one, report, { open: bucket === "rule_breaks" || bucket === "regressed" }),
  );
  return html`<section id="${bucket}" class="bucket">
    <h2>${name} <span class="count">${cases.length}</span></h2>
    <p class="holds">${holds}</p>
    ${
      cases.length === 0
        ? html`<p class="nothing">None.</p>`
        : OPEN.has(bucket)
          ? views
          : html`<details class="folded">
              <summary>Show ${cases.length}</summary>
              ${views}
            </details>`
    }
  </section>`;
}

function measures({ measures: all, before }: RunReport): Html {
  return html`<section>
    <h2>Measures</h2>
    <div class="wide" tabindex="0" role="region" aria-label="Measures">
      <table>
        <thead>
          <tr>
            <th scope="col">Measure</th>
            <th scope="col">Now</th>
            <th scope="col">95 %</th>
            <th scope="col">Cases</th>
            <th scope="col">Before</th>
          </tr>
        </thead>
        <tbody>
          ${all.map(({ name, label, value, interval, cases }) => {
            const was = before?.results.measures[name];
            return html`<tr>
              <th scope="row">${label}</th>
              <td>${shownValue(name, value)}</td>
              <td>${interval === null ? "" : between(interval)}</td>
              <td>${cases}</td>
              <td>${was === undefined ? "–" : shownValue(name, was)}</td>
            </tr>`;
          })}
        </tbody>
      </table>
    </div>
    <p class="holds">
      Intervals are Wilson 95 % intervals over cases: another play of the same case is no further
      evidence.
    </p>
  </section>`;
}

function foot(report: RunReport): Html {
  const { passes, spent, before, file, k, records } = report;
  const last = passes.at(-1);
  const digests = [...new Set(records.map(({ case: id, digest }) => `${id} ${digest}`))].toSorted();
  const data = createHash("sha256").update(digests.join("\n")).digest("hex").slice(0, 16);
  return html`<footer>
    <h2>How this was made</h2>
    <ul>
      <li>
        Model: ${report.model}${report.model === "rehearsal" ? ", which is rules and no AI" : ""}
      </li>
      <li>
        ${report.cases.length} cases, ${k} ${k === 1 ? "play" : "plays"} each, ${records.length}
        played, ${report.missing} missing, ${records.filter(({ error }) => error !== null).length}
        that could not be played and count as no pass
      </li>
      <li>Digest of the cases: ${data}</li>
      <li>Judged by code alone, no model judges</li>
      <li>
        pass^${k}: ${last?.share == null ? "unknown" : percent(last.share)}; tokens:
        ${spent.inputTokens} in, ${spent.cachedTokens} of them cached, ${spent.outputTokens} out
      </li>
      <li>Compared with: ${before?.name ?? "nothing"}</li>
      <li>Every play is kept in ${file}</li>
    </ul>
  </footer>`;
}
