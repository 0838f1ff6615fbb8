/** Shares of passes by topic, language and channel, so that a weakness of one of them is seen. */
import { ChannelName } from "#core/values/vocabulary.ts";
import { percent } from "#evals/report.ts";
import { happened, passed, type PlayedRecord } from "#evals/runs/record.ts";
import type { RunReport } from "#evals/runs/report-data.ts";
import { html, type Html } from "#server/http/html.ts";

/** With fewer cases a share says little, and is shown in grey. */
const ENOUGH = 10;

/** The table: a row for each topic and language, a column for each channel. */
export function slices({ records }: RunReport): Html {
  const played = happened(records);
  const languageOf = ({ seen }: PlayedRecord): string => seen.language ?? "not told";
  const topics = [...Map.groupBy(played, ({ topic }) => topic)].toSorted(([a], [b]) =>
    a < b ? -1 : 1,
  );
  return html`<section>
    <h2>By topic, language and channel</h2>
    <p class="holds">
      Share of plays that pass, with the count of cases; grey where there are fewer than ${ENOUGH}.
    </p>
    <div class="wide" tabindex="0" role="region" aria-label="By topic, language and channel">
      <table class="heat">
        <thead>
          <tr>
            <th scope="col">Topic</th>
            <th scope="col">Language</th>
            <th scope="col">all channels</th>
            ${ChannelName.options.map((channel) => html`<th scope="col">${channel}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${row("all topics", "all", played)}
          ${topics.map(([topic, ofTopic]) => {
            const languages = [...Map.groupBy(ofTopic, languageOf)].toSorted(
              (a, b) => b[1].length - a[1].length,
            );
            return [
              row(topic, "all", ofTopic),
              languages.length < 2
                ? null
                : languages.map(([language, plays]) => row("", language, plays)),
            ];
          })}
        </tbody>
      </table>
    </div>
  </section>`;
}

function row(topic: string, language: string, plays: readonly PlayedRecord[]): Html {
  return html`<tr>
    <th scope="row">${topic}</th>
    <td class="language">${language}</td>
    ${cell(plays)}
    ${ChannelName.options.map((channel) => cell(plays.filter((one) => one.channel === channel)))}
  </tr>`;
}

function cell(plays: readonly PlayedRecord[]): Html {
  if (plays.length === 0) return html`<td></td>`;
  const share = plays.filter(passed).length / plays.length;
  const cases = new Set(plays.map((one) => one.case)).size;
  const shade = cases < ENOUGH ? "few" : share >= 0.95 ? "good" : share >= 0.8 ? "fair" : "poor";
  return html`<td class="${shade}">${percent(share)} <span class="small">n = ${cases}</span></td>`;
}
