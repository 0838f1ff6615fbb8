/** One ticket of a rehearsal: what the customer asked, both answers beside each other, and what differs. */
import { inWords } from "#core/values/words.ts";
import { formatMoney } from "#core/values/money.ts";
import type {
  ComparedFact,
  Comparison,
  PastOutcome,
  RehearsedAction,
  RehearsedTicket,
  WrongAction,
} from "#core/values/rehearsal.ts";
import { html, type Html, type HtmlValue } from "#server/http/html.ts";
import { costText } from "#server/console/case/trace.ts";
import { aside, badge, lineList, soft } from "#server/console/parts.ts";
import { moneyText } from "#jobs/rehearsal/summary.ts";
import { ROUTES, timeText } from "./figures.ts";

/** How texts are shown: as they are for a lead, masked in a file. */
export type Shown = (text: string) => string;

const OUTCOMES: Readonly<Record<PastOutcome, string>> = {
  answered: "answered",
  asked: "asked the customer something",
  handed_over: "gave it to other people",
};

const WHY: Readonly<Record<WrongAction["why"], string>> = {
  not_taken: "people did nothing of the kind",
  other_amount: "people gave another amount",
  other_order: "people did it for another order",
};

const VERDICT_SIGNS: Readonly<Record<RehearsedAction["verdict"], string>> = {
  allow: "by itself",
  ask: "after a person approves",
  deny: "not done: the policy says no",
};

/** Question, differences, and both answers with what each side did. */
export function ticketView(played: RehearsedTicket, shown: Shown): Html {
  return html`${question(played, shown)} ${differences(played.comparison, shown)}
    <div class="sides">${personSide(played, shown)}${draftSide(played, shown)}</div>`;
}

function question({ ticket }: RehearsedTicket, shown: Shown): Html {
  return html`<section class="box stack" aria-label="The customer">
    <h3>What the customer wrote</h3>
    ${ticket.messages.map(
      ({ by, name, text }) =>
        html`<div class="said-by ${by === "customer" ? "requester" : "teammate"}">
          <p class="byline soft">${shown(name)}</p>
          <div class="words" dir="auto">${shown(text)}</div>
        </div>`,
    )}
  </section>`;
}

/** Each difference as a sentence. */
function differences(comparison: Comparison, shown: Shown): HtmlValue {
  const lines = differenceLines(comparison).map(shown);
  return lines.length === 0
    ? html`<p class="box">Nothing differs that code can compare.</p>`
    : html`<section class="box" aria-label="What differs">
        <h3>What differs</h3>
        ${lineList(lines)}
      </section>`;
}

/** The differences of one comparison in sentences, the worst first. */
export function differenceLines(comparison: Comparison): readonly string[] {
  const { wrongActions, contradicts, missedActions, lacks, sameOutcome } = comparison;
  return [
    ...wrongActions.map(
      (action) =>
        `Deskhand would have done: ${actionText(action)}, but ${WHY[action.why]}${action.risk === null ? "" : `; ${formatMoney(action.risk)} at risk`}.`,
    ),
    ...contradicts.map(
      ({ person, draft }) =>
        `The teammate says ${factText(person)}, Deskhand says ${factText(draft)}.`,
    ),
    ...missedActions.map((action) => `People did, and Deskhand would not: ${actionText(action)}.`),
    ...(lacks.length === 0
      ? []
      : [`Only the teammate's answer says: ${lacks.map(factText).join(", ")}.`]),
    ...(sameOutcome === false ? ["It would have ended differently."] : []),
  ];
}

function factText({ words }: ComparedFact): string {
  return `“${words}”`;
}

function actionText({
  operation,
  orderId,
  amount,
}: Pick<RehearsedAction, "operation" | "orderId" | "amount">): string {
  return [
    inWords(operation),
    ...(amount === null ? [] : [formatMoney(amount)]),
    ...(orderId === null ? [] : [`for order ${orderId}`]),
  ].join(" ");
}

function personSide({ ticket, comparison, answeredAfterMs }: RehearsedTicket, shown: Shown): Html {
  const { answer, actions, outcome } = ticket;
  const after = answeredAfterMs === null ? "" : `, after ${timeText(answeredAfterMs)}`;
  const missed = new Set(comparison.missedActions.map(actionText));
  const lines = actions?.map((action) => {
    const text = actionText(action);
    return html`${shown(text)} ${missed.has(text) && badge("Deskhand would not", "warn")}`;
  });
  return html`<section class="box stack side" aria-label="The teammate">
    <h3>What the teammate answered</h3>
    ${soft(`${shown(answer.by)}${after}`)}
    <div class="words" dir="auto">${shown(answer.text)}</div>
    <h4>What they did</h4>
    ${lines === undefined ? soft("It is not known what they did.") : actionList(lines)}
    ${outcome !== null && soft(`They ${OUTCOMES[outcome]}.`)}
  </section>`;
}

function draftSide(played: RehearsedTicket, shown: Shown): Html {
  const { draft, comparison, route, routeReason, outcome, costUsd, durationMs } = played;
  const { actions, moneyAtRisk } = played;
  const wrong = new Set(comparison.wrongActions.map(actionText));
  const lines = actions.map(
    (action) =>
      html`${shown(action.label)} ${aside(VERDICT_SIGNS[action.verdict])}
      ${wrong.has(actionText(action)) && badge("people did not", "danger")}`,
  );
  const goes =
    route === "not_at_all" ? "It would not have gone out." : `It could go ${ROUTES[route]}.`;
  const sources = draft?.sources.map(({ title }) => title) ?? [];
  const answer =
    draft === null
      ? html`<p>It wrote no answer: it ${OUTCOMES[outcome]}.</p>`
      : html`<div class="words" dir="auto">${shown(draft.text)}</div>`;
  return html`<section class="box stack side" aria-label="Deskhand">
    <h3>What Deskhand would have answered</h3>
    ${soft(`after ${timeText(durationMs)}, ${costText(costUsd)}`)} ${answer}
    <h4>What it would have done</h4>
    ${actionList(lines)}
    <p><b>${goes}</b> ${aside(shown(routeReason))}</p>
    ${sources.length > 0 && soft(`Rests on: ${sources.join(", ")}`)}
    ${moneyAtRisk.length > 0 && html`<p class="bad">Money at risk: ${moneyText(moneyAtRisk)}</p>`}
  </section>`;
}

function actionList(lines: readonly Html[]): Html {
  if (lines.length === 0) return soft("Nothing in the shop.");
  return html`<ul>
    ${lines.map((line) => html`<li>${line}</li>`)}
  </ul>`;
}
