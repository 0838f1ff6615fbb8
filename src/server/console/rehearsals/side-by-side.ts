/** One ticket of a rehearsal: what the customer asked, both answers beside each other, and what differs. */
import { formatMoney, type Money } from "#core/values/money.ts";
import type {
  ComparedFact,
  Comparison,
  PastAction,
  PastOutcome,
  RehearsedAction,
  RehearsedTicket,
  WrongAction,
} from "#core/values/rehearsal.ts";
import { html, type Html, type HtmlValue } from "#server/http/html.ts";
import { type Marked, markedText } from "./marked.ts";
import { costText, moneyText, ROUTES, timeText } from "./words.ts";

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

/** Each difference as a sentence, so that it is understood without looking for the marks. */
function differences(comparison: Comparison, shown: Shown): HtmlValue {
  const lines = differenceLines(comparison).map(shown);
  return lines.length === 0
    ? html`<p class="box">Nothing differs that code can compare.</p>`
    : html`<section class="box" aria-label="What differs">
        <h3>What differs</h3>
        <ul class="differences">
          ${lines.map((line) => html`<li>${line}</li>`)}
        </ul>
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
    ...(sameOutcome === false ? ["It would have ended in another way."] : []),
  ];
}

function factText({ words }: ComparedFact): string {
  return `“${words}”`;
}

function actionText({
  operation,
  orderId,
  amount,
}: {
  readonly operation: string;
  readonly orderId: string | null;
  readonly amount: Money | null;
}): string {
  return [
    operation.replaceAll("_", " "),
    ...(amount === null ? [] : [formatMoney(amount)]),
    ...(orderId === null ? [] : [`for order ${orderId}`]),
  ].join(" ");
}

function personSide({ ticket, comparison, answeredAfterMs }: RehearsedTicket, shown: Shown): Html {
  const { answer, actions, outcome } = ticket;
  const marks: readonly Marked[] = [
    ...comparison.contradicts.map(({ person }) => ({
      words: shown(person.words),
      kind: "contradicted" as const,
    })),
    ...comparison.lacks.map(({ words }) => ({ words: shown(words), kind: "lacking" as const })),
  ];
  return html`<section class="box stack side" aria-label="The teammate">
    <h3>What the teammate answered</h3>
    <p class="soft">
      ${shown(answer.by)}${answeredAfterMs === null ? "" : `, after ${timeText(answeredAfterMs)}`}
    </p>
    <div class="words" dir="auto">${markedText(shown(answer.text), marks)}</div>
    <h4>What they did</h4>
    ${pastActions(actions, comparison, shown)}
    ${outcome === null ? "" : html`<p class="soft">They ${OUTCOMES[outcome]}.</p>`}
  </section>`;
}

function pastActions(
  actions: readonly PastAction[] | null,
  { missedActions }: Comparison,
  shown: Shown,
): Html {
  if (actions === null) return html`<p class="soft">It is not known what they did.</p>`;
  if (actions.length === 0) return html`<p class="soft">Nothing in the shop.</p>`;
  const missed = new Set(missedActions.map(actionText));
  return html`<ul>
    ${actions.map((action) => {
      const text = actionText(action);
      return html`<li>
        ${shown(text)}
        ${missed.has(text) ? html`<span class="badge warn">Deskhand would not</span>` : ""}
      </li>`;
    })}
  </ul>`;
}

function draftSide(played: RehearsedTicket, shown: Shown): Html {
  const { draft, comparison, route, routeReason, outcome, costUsd, durationMs } = played;
  const marks: readonly Marked[] = comparison.contradicts.map(({ draft: fact }) => ({
    words: shown(fact.words),
    kind: "contradicted",
  }));
  return html`<section class="box stack side" aria-label="Deskhand">
    <h3>What Deskhand would have answered</h3>
    <p class="soft">after ${timeText(durationMs)}, ${costText(costUsd)}</p>
    ${
      draft === null
        ? html`<p>It wrote no answer: it ${OUTCOMES[outcome]}.</p>`
        : html`<div class="words" dir="auto">${markedText(shown(draft.text), marks)}</div>`
    }
    <h4>What it would have done</h4>
    ${draftedActions(played, shown)}
    <p><b>${routeSentence(route)}</b> <span class="soft">${shown(routeReason)}</span></p>
    ${
      draft === null || draft.sources.length === 0
        ? ""
        : html`<p class="soft">Rests on: ${draft.sources.map(({ title }) => title).join(", ")}</p>`
    }
    ${
      played.moneyAtRisk.length === 0
        ? ""
        : html`<p class="bad">Money at risk: ${moneyText(played.moneyAtRisk)}</p>`
    }
  </section>`;
}

function routeSentence(route: RehearsedTicket["route"]): string {
  return route === "not_at_all" ? "It would not have gone out." : `It could go ${ROUTES[route]}.`;
}

function draftedActions({ actions, comparison }: RehearsedTicket, shown: Shown): Html {
  if (actions.length === 0) return html`<p class="soft">Nothing in the shop.</p>`;
  const wrong = new Set(comparison.wrongActions.map(actionText));
  return html`<ul>
    ${actions.map(
      (action) =>
        html`<li>
          ${shown(action.label)}
          <span class="soft">${VERDICT_SIGNS[action.verdict]}</span>
          ${wrong.has(actionText(action)) ? html`<span class="badge danger">people did not</span>` : ""}
        </li>`,
    )}
  </ul>`;
}
