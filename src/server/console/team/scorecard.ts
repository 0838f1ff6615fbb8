/** The scorecard on the page of numbers: how often people agreed with the drafts of each topic. */

import type { TopicScore } from "#jobs/scorecard/scorecard.ts";
import { adviceText, LEVEL_RULE, riskText, shareText } from "#jobs/scorecard/scorecard-text.ts";
import { html, type Html } from "#server/http/html.ts";

/** Every topic that was judged. The cells say what they count, since on a phone the table has no head. */
export function scorecardView(scores: readonly TopicScore[]): Html {
  return html`<section class="stack" id="scorecard" aria-labelledby="scorecard-title">
    <h2 id="scorecard-title">Drafts beside what people did, last 90 days</h2>
    ${scores.length === 0 ? html`<p class="box soft">No draft was judged yet.</p>` : tableOf(scores)}
    <p class="soft">
      ${LEVEL_RULE} A change that is proposed waits on
      <a href="/console/policy">the page of the policy</a>.
    </p>
  </section>`;
}

function tableOf(scores: readonly TopicScore[]): Html {
  const head = [
    "Topic",
    "Agreed",
    "Wrong actions",
    "Money at risk",
    "Facts missing",
    "Figures speak for",
  ];
  return html`<div class="table-box">
    <table class="cards">
      <thead>
        <tr>
          ${head.map((name) => html`<th scope="col">${name}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${scores.map(rowOf)}
      </tbody>
    </table>
  </div>`;
}

function rowOf(score: TopicScore): Html {
  const { channel, topic, autonomy, agreed, wrongActions, missingFacts } = score;
  return html`<tr>
    <td><b>${topic.replaceAll("_", " ")}</b> on ${channel}, ${autonomy}</td>
    <td>agreed with ${shareText(agreed)}</td>
    <td class="${wrongActions.count === 0 ? "" : "bad"}">
      wrong actions in ${shareText(wrongActions)}
    </td>
    <td>at risk: ${riskText(score)}</td>
    <td>facts missing in ${shareText(missingFacts)}</td>
    <td>${adviceText(score)}</td>
  </tr>`;
}
