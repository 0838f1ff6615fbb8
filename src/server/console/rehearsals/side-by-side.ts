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
import { literally } from "#core/values/words.ts";
import { withPlaces, type Place } from "#server/console/texts.ts";
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

/** Each difference as a sentence, so that it is understood without looking for the marks. */
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
  const marks = {
    contradicted: comparison.contradicts.map(({ person }) => person),
    lacking: comparison.lacks,
  };
  const missed = new Set(comparison.missedActions.map(actionText));
  const lines = actions?.map((action) => {
    const text = actionText(action);
    return html`${shown(text)} ${missed.has(text) && badge("Deskhand would not", "warn")}`;
  });
  return html`<section class="box stack side" aria-label="The teammate">
    <h3>What the teammate answered</h3>
    ${soft(`${shown(answer.by)}${after}`)}
    <div class="words" dir="auto">${markedText(answer.text, marks, shown)}</div>
    <h4>What they did</h4>
    ${lines === undefined ? soft("It is not known what they did.") : actionList(lines)}
    ${outcome !== null && soft(`They ${OUTCOMES[outcome]}.`)}
  </section>`;
}

function draftSide(played: RehearsedTicket, shown: Shown): Html {
  const { draft, comparison, route, routeReason, outcome, costUsd, durationMs } = played;
  const { actions, moneyAtRisk } = played;
  const contradicted = comparison.contradicts.map((fact) => fact.draft);
  const wrong = new Set(comparison.wrongActions.map(actionText));
  const lines = actions.map(
    (action) =>
      html`${shown(action.label)} ${aside(VERDICT_SIGNS[action.verdict])}
      ${wrong.has(actionText(action)) && badge("people did not", "danger")}`,
  );
  const goes =
    route === "not_at_all" ? "It would not have gone out." : `It could go ${ROUTES[route]}.`;
  const sources = draft?.sources.map(({ title }) => title) ?? [];
  const words = draft && markedText(draft.text, { contradicted, lacking: [] }, shown);
  const answer =
    words === null
      ? html`<p>It wrote no answer: it ${OUTCOMES[outcome]}.</p>`
      : html`<div class="words" dir="auto">${words}</div>`;
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

// A text with the facts marked in which two answers differ.

/** What a mark says to a reader who does not see colours. */
const SAID = {
  contradicted: "the other answer says something else",
  lacking: "the other answer does not say this",
} as const;
type Kind = keyof typeof SAID;
const KINDS = ["contradicted", "lacking"] as const;

/** The whole text, with every place marked at which one of the facts stands. Places that overlap are one mark. */
function markedText(
  text: string,
  facts: Readonly<Record<Kind, readonly ComparedFact[]>>,
  shown: Shown,
): readonly HtmlValue[] {
  const whole = shown(text);
  const marks = KINDS.flatMap((kind) =>
    facts[kind].map(({ words }) => ({ words: shown(words), kind })),
  );
  return withPlaces(
    whole,
    placesIn(whole, marks),
    (words, { kind }) => html`<mark class="${kind}" title="${SAID[kind]}">${words}</mark>`,
  );
}

/** Where these words stand. "9.00" is no part of "19.00": a mark never begins or ends inside a word or a number. */
function placesIn(
  text: string,
  marks: readonly { readonly words: string; readonly kind: Kind }[],
): readonly (Place & { readonly kind: Kind })[] {
  const all = marks.flatMap(({ words, kind }) =>
    words.trim() === ""
      ? []
      : [...text.matchAll(new RegExp(`${EDGE}${literally(words)}${EDGE}`, "giu"))].map(
          ({ 0: { length }, index }) => ({ from: index, to: index + length, kind }),
        ),
  );
  return all.toSorted((one, other) => one.from - other.from || other.to - one.to);
}

/** No letter or digit on one side of it at the least. */
const EDGE = String.raw`(?:(?<![\p{L}\p{N}])|(?![\p{L}\p{N}]))`;
