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
import { costText } from "#server/console/case/trace.ts";
import { badge } from "#server/console/parts.ts";
import { moneyText, ROUTES, timeText } from "./words.ts";

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
    ${outcome !== null && html`<p class="soft">They ${OUTCOMES[outcome]}.</p>`}
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
        ${shown(text)} ${missed.has(text) && badge("Deskhand would not", "warn")}
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
      played.moneyAtRisk.length > 0 &&
      html`<p class="bad">Money at risk: ${moneyText(played.moneyAtRisk)}</p>`
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
          ${wrong.has(actionText(action)) && badge("people did not", "danger")}
        </li>`,
    )}
  </ul>`;
}

// A text with the facts marked in which two answers differ.

/** Words to mark, and what the mark says to a reader who does not see colours. */
interface Marked {
  readonly words: string;
  readonly kind: "contradicted" | "lacking";
}

const SAID: Readonly<Record<Marked["kind"], string>> = {
  contradicted: "the other answer says something else",
  lacking: "the other answer does not say this",
};

interface Found {
  readonly from: number;
  readonly to: number;
  readonly kind: Marked["kind"];
}

/** The whole text, with every place marked at which one of the words stands. Places that overlap are one mark. */
function markedText(text: string, marks: readonly Marked[]): Html {
  const places = placesIn(text, marks);
  const parts: HtmlValue[] = [];
  let at = 0;
  for (const { from, to, kind } of places) {
    parts.push(text.slice(at, from), markedWords(text.slice(from, to), kind));
    at = to;
  }
  parts.push(text.slice(at));
  return html`${parts}`;
}

function markedWords(words: string, kind: Marked["kind"]): Html {
  return html`<mark class="${kind}" title="${SAID[kind]}">${words}</mark>`;
}

function placesIn(text: string, marks: readonly Marked[]): readonly Found[] {
  const lower = text.toLowerCase();
  // A letter whose lower case is longer would move all places behind it; such a text is shown without marks.
  if (lower.length !== text.length) return [];
  const all = marks.flatMap(({ words, kind }) => occurrences(lower, words.toLowerCase(), kind));
  const places: Found[] = [];
  for (const found of all.toSorted((one, other) => one.from - other.from || other.to - one.to))
    if (found.from >= (places.at(-1)?.to ?? 0)) places.push(found);
  return places;
}

function occurrences(text: string, words: string, kind: Marked["kind"]): readonly Found[] {
  if (words.trim() === "") return [];
  const found: Found[] = [];
  for (let from = text.indexOf(words); from >= 0; from = text.indexOf(words, from + words.length)) {
    const to = from + words.length;
    if (isWhole(text, from, to)) found.push({ from, to, kind });
  }
  return found;
}

/** "9.00" is no part of "19.00": a mark never begins or ends inside a word or a number. */
function isWhole(text: string, from: number, to: number): boolean {
  const [before, first, last, after] = [text[from - 1], text[from], text[to - 1], text[to]];
  return !(isLetter(before) && isLetter(first)) && !(isLetter(last) && isLetter(after));
}

function isLetter(sign: string | undefined): boolean {
  return sign !== undefined && /[\p{L}\p{N}]/u.test(sign);
}
