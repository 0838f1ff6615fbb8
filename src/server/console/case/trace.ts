/** What Deskhand did in a turn, step by step: a waterfall with the time and the cost of each step. */

import { topicName } from "#core/values/vocabulary.ts";
import { inWords } from "#core/values/words.ts";
import { durationText } from "#core/values/moment.ts";
import { andMore, aside, facts, lineList, link, soft } from "#server/console/parts.ts";
import { withMarks } from "#server/console/texts.ts";
import { approvalText, confidenceText, spanDetails } from "#jobs/decisions/explain-card.ts";
import type { Span, TurnTrace } from "#core/values/trace.ts";
import { drawing, html, type Html, type HtmlValue } from "#server/http/html.ts";
import type { Visit } from "#server/console/session.ts";

/** Steps beyond this are counted and not drawn. */
const SPANS_MAX = 40;

/** The page of a turn, or of all turns of a conversation. */
export function tracePath(id: string): string {
  return `/console/trace/${encodeURIComponent(id)}`;
}

/** A turn as one line that opens to its steps. */
export function turnView(turn: TurnTrace, visit: Pick<Visit, "when">, isOpen: boolean): Html {
  return html`<details class="turn" id="${turn.request_id}" ${isOpen && html` open=""`}>
    <summary>
      ${turn.outcome} · ${topicName(turn.topic)} · ${visit.when(new Date(turn.started_at))} ·
      ${durationText(turn.latency_ms)} · ${costText(turn.cost_usd)}
    </summary>
    ${turnBody(turn)}
  </details>`;
}

function turnBody(turn: TurnTrace): Html {
  const rows: readonly (readonly [string, string])[] = [
    ["Outcome", `${turn.outcome}: ${turn.outcome_reason}`],
    ["Who asks", `level ${turn.identity_level}, ${turn.identity_reason}`],
    ["Guard", [turn.guard.verdict, ...turn.guard.reasons].join("; ")],
    ["Topic", `${turn.topic === "" ? "not looked for" : turn.topic}, ${confidenceText(turn)}`],
    ["Approval", approvalText(turn)],
    [
      "Model",
      `${turn.model}, ${turn.steps} steps, ${turn.input_tokens} tokens in, ${turn.output_tokens} out`,
    ],
    ["Cost", `${costText(turn.cost_usd)}, ${durationText(turn.latency_ms)}`],
    [
      "Ids",
      `${turn.request_id}, ${turn.conversation_id}, policy ${turn.policy_version.slice(0, 12)}`,
    ],
  ];
  return html`${facts(rows.map(([name, value]) => [name, withMarks(value)]))}
    ${decisions(turn)}${stepsView(turn.spans, turn.started_at)}
    <p>${link(tracePath(turn.request_id), "This turn on a page of its own")}</p>`;
}

function decisions({ decisions: given }: TurnTrace): HtmlValue {
  if (given.length === 0) return null;
  return html`<h4>What the policy says</h4>
    ${lineList(given.map(({ verdict, rule, reason }) => `${verdict}, ${rule}: ${reason}`))}`;
}

/** The steps of a turn, each as long as it took. `startedAt` is when the turn began, in ISO 8601. */
export function stepsView(spans: readonly Span[], startedAt: string): Html {
  if (spans.length === 0) return soft("No step is kept: no model was asked.");
  const begun = Math.min(Date.parse(startedAt), ...spans.map(spanStart));
  const ended = Math.max(begun + 1, ...spans.map((span) => spanStart(span) + span.durationMs));
  return html`<h4>Steps</h4>
    <ol class="waterfall">
      ${spans.slice(0, SPANS_MAX).map((span) => step(span, begun, ended - begun))}
    </ol>
    ${andMore(spans.length - SPANS_MAX, "more steps")}`;
}

function spanStart({ startedAt }: Span): number {
  return Date.parse(startedAt);
}

const LINE = { width: 100, height: 8 };

function step(span: Span, begun: number, wholeMs: number): Html {
  const x = (LINE.width * (spanStart(span) - begun)) / wholeMs;
  const width = Math.max(0.6, (LINE.width * span.durationMs) / wholeMs);
  const bar = { x, y: 1, width: Math.min(width, LINE.width - x), height: 6 };
  const tokens = tokensText(span);
  return html`<li>
    <span class="step">${inWords(span.name)}</span>
    ${drawing("bar-line", LINE, [bar])}
    ${aside(`${durationText(span.durationMs)}${tokens === "" ? "" : `, ${tokens}`}`)}
    <span class="soft words details">${spanDetails(span.attributes).trim()}</span>
  </li>`;
}

function tokensText({ attributes }: Span): string {
  const [input, output] = ["gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens"].map(
    (name) => attributes[name],
  );
  return typeof input === "number" && typeof output === "number" ? `${input + output} tokens` : "";
}

/** "0.0123 USD"; "price unknown" where the model has none. */
export function costText(usd: number | null): string {
  return usd === null ? "price unknown" : `${usd.toFixed(4)} USD`;
}
