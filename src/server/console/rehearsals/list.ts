/** The list of rehearsals, newest first, with what each came to, and the tickets of one: disagreements first, with filters. */

import { topicName } from "#core/values/vocabulary.ts";
import { z } from "zod";
import type { Agreement } from "#core/values/rehearsal.ts";
import { counted } from "#core/values/words.ts";
import { sendButton } from "#server/console/forms.ts";
import type { PageContent } from "#server/console/frame.ts";
import {
  aside,
  link,
  soft,
  badge,
  dotted,
  listView,
  none,
  row,
  rowView,
  tabs,
} from "#server/console/parts.ts";
import { requireLead, type Visit } from "#server/console/session.ts";
import { addressWith, element, html, type Html, type HtmlValue } from "#server/http/html.ts";
import {
  type Rehearsal,
  listRehearsals,
  playedCounts,
  type ListedTicket,
} from "#store/rehearsal/rehearsals.ts";
import { AGREEMENTS, rehearsalPath, sourceText, VERDICTS, ROUTES, ticketPath } from "./figures.ts";
import { moneyText, shareText } from "#jobs/rehearsal/summary.ts";
import { differenceLines } from "./side-by-side.ts";

/** More rehearsals than a team compares; older ones stay under their addresses. */
const LISTED_MAX = 50;

/** All rehearsals, and the button for a new one. */
export async function rehearsalsPage(visit: Visit): Promise<PageContent> {
  const { source } = visit.options.rehearsals;
  return {
    title: "Rehearsals",
    tools: soft(
      "What Deskhand would have done with tickets that people solved, by the policy in force. Nothing of it is sent or changed.",
    ),
    body: html`${
        source === null
          ? none("Connect Zendesk to rehearse here with its solved tickets.")
          : row(
              sendButton("Start a rehearsal", {
                to: "/console/rehearsals/start",
                className: "main",
                asks: `Play ${source}? It stops at ${REHEARSAL_USD.toFixed(2)} USD of model cost.`,
              }),
              aside(`With ${source}.`),
            )
      }
      <div id="list" class="stack" data-live="/console/part/rehearsals">
        ${await rehearsalsView(visit)}
      </div>`,
  };
}

/** Once the model has cost so much, a rehearsal that was started here begins no further ticket. */
export const REHEARSAL_USD = 5;

/** The list, with how far those are that run. */
export async function rehearsalsView(visit: Visit): Promise<Html> {
  requireLead(visit, "only a lead sees rehearsals");
  const { rehearsals, played } = await visit.run(async (transaction) => ({
    rehearsals: await listRehearsals(transaction, LISTED_MAX),
    played: await playedCounts(transaction),
  }));
  const progress = visit.options.rehearsals.progress();
  return html`${progress !== "" && html`<p class="notice" role="status">${progress}</p>`}
  ${listView({
    id: "rehearsals",
    label: "Rehearsals",
    none: "There has been no rehearsal yet.",
    rows: rehearsals.map((one) => rehearsalRow(one, played.get(one.id) ?? 0, visit)),
  })}`;
}

function rehearsalRow(rehearsal: Rehearsal, played: number, visit: Visit): Html {
  const { id, source, model, startedAt, summary, isRehearsalModel } = rehearsal;
  const figures = summary?.overall ?? null;
  const came =
    figures === null
      ? `${played} of ${rehearsal.tickets} played`
      : `${shareText(figures.alone)} could go alone · ${counted(figures.wrongActions.count, "wrong action")} · at risk: ${moneyText(figures.moneyAtRisk)}`;
  return rowView({
    href: rehearsalPath(id),
    what: `${counted(rehearsal.tickets, "ticket")} from ${sourceText(source)}`,
    aside: visit.when(startedAt),
    about: came,
    badges: [
      stateBadge(rehearsal),
      isRehearsalModel ? badge("rehearsal rules, no AI", "warn") : badge(model),
    ],
  });
}

/** What a reader has to know of a rehearsal that is not whole. */
export function stateBadge({ state, reason }: Pick<Rehearsal, "state" | "reason">): HtmlValue {
  if (state === "done") return null;
  const words = state === "running" ? "still running, or interrupted" : "stopped";
  return badge(reason === "" ? words : `${words}: ${reason}`, "warn");
}

// The tickets of one.

/** So many rows a page; a lead reads the first ones. */
const ROWS_MAX = 40;

const LINE_CHARACTERS = 220;

/** Which tickets are listed. */
const Which = z.enum(["differ", "risk", "open", "same", "all"]).catch("differ");

type Which = z.infer<typeof Which>;

const NAMES: Readonly<Record<Which, string>> = {
  differ: "Disagreements",
  risk: "Wrong actions",
  open: "Not looked at yet",
  same: "The same",
  all: "All",
};

/** True for what a lead looks at first: another action, another fact, another outcome. */
export function isDisagreement({ agreement }: { readonly agreement: Agreement }): boolean {
  return agreement === "wrong" || agreement === "differs";
}

const CHOICES: Readonly<Record<Which, (ticket: ListedTicket) => boolean>> = {
  differ: isDisagreement,
  risk: ({ comparison }) => comparison.wrongActions.length > 0,
  open: (ticket) => isDisagreement(ticket) && ticket.verdict === null,
  same: ({ agreement }) => agreement === "same" || agreement === "unknown",
  all: () => true,
};

/** Tabs, rows and the links to the next ones. The address says which, of which topic, from which row on. */
export function ticketList(
  rehearsalId: string,
  tickets: readonly ListedTicket[],
  { asked }: Visit,
): Html {
  const which = Which.parse(asked("show"));
  const topic = asked("topic");
  const from = z.coerce.number().int().min(0).catch(0).parse(asked("from"));
  const ofTopic = topic === "" ? tickets : tickets.filter((ticket) => ticket.topic === topic);
  const chosen = ofTopic.filter(CHOICES[which]);
  const shown = chosen.slice(from, from + ROWS_MAX);
  const address = (query: Readonly<Record<string, string | number | null>>): string =>
    `${addressWith(rehearsalPath(rehearsalId), { show: which, topic, ...query })}#tickets`;
  return html`<section class="stack" id="tickets">
    <h2>${topic === "" ? "Tickets" : `Tickets about ${topicName(topic)}`}</h2>
    ${tabs(
      "Which tickets",
      Which.unwrap().options.map((one) => ({
        href: address({ show: one }),
        name: `${NAMES[one]} (${ofTopic.filter(CHOICES[one]).length})`,
      })),
      address({ show: which }),
    )}
    ${topic !== "" && html`<p>${link(address({ topic: null }), "Tickets about everything")}</p>`}
    ${listView({
      id: "rehearsed",
      label: "Tickets",
      none: "No such ticket.",
      rows: shown.map((ticket) => ticketRow(rehearsalId, ticket)),
    })}
    ${pages(from, chosen.length, address)}
  </section>`;
}

function pages(
  from: number,
  all: number,
  address: (query: Readonly<Record<string, number>>) => string,
): HtmlValue {
  if (all <= ROWS_MAX) return null;
  const more = { class: "button", rel: "next", href: address({ from: from + ROWS_MAX }) };
  return html`<nav class="row" id="pager" aria-label="Pages of this list">
    ${from > 0 && link(address({ from: Math.max(0, from - ROWS_MAX) }), "Before", "button")}
    ${from + ROWS_MAX < all && element("a", more, "More")}
    ${aside(`${from + 1} to ${Math.min(all, from + ROWS_MAX)} of ${all}`)}
  </nav>`;
}

function ticketRow(rehearsalId: string, ticket: ListedTicket): Html {
  const { id, subject, excerpt, topic, language, route, agreement, verdict, keptAs } = ticket;
  const [first = excerpt] = differenceLines(ticket.comparison);
  const { moneyAtRisk } = ticket;
  return rowView({
    href: ticketPath(rehearsalId, id),
    what: subject === "" ? excerpt : subject,
    aside: moneyAtRisk.length === 0 ? "" : `${moneyText(moneyAtRisk)} at risk`,
    excerpt: first.slice(0, LINE_CHARACTERS),
    about: dotted([
      topicName(topic),
      language,
      route === "not_at_all" ? "would not have gone out" : `could go ${ROUTES[route]}`,
    ]),
    badges: [
      badge(AGREEMENTS[agreement], agreement === "wrong" ? "danger" : ""),
      verdict === null ? null : badge(VERDICTS[verdict.right]),
      keptAs === "" ? null : badge("kept as a case"),
    ],
  });
}
