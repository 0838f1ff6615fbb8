/** The tickets of a rehearsal as a list: disagreements first, with filters. */
import type { Request } from "express";
import { z } from "zod";
import type { Agreement } from "#core/values/rehearsal.ts";
import type { ListedTicket } from "#store/console/rehearsed-tickets.ts";
import { addressWith, html, type Html, type HtmlValue } from "#server/http/html.ts";
import { tabs } from "#server/console/frame.ts";
import { asked } from "#server/console/visit.ts";
import { differenceLines } from "./side-by-side.ts";
import { AGREEMENTS, moneyText, pathOf, ROUTES, ticketPath, topicName, VERDICTS } from "./words.ts";
import { counted } from "#core/values/words.ts";

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

/** Tabs, rows and the links to the next ones. `request` says which, of which topic, from which row on. */
export function ticketList(
  rehearsalId: string,
  tickets: readonly ListedTicket[],
  request: Request,
): Html {
  const which = Which.parse(asked(request, "show"));
  const topic = asked(request, "topic");
  const from = z.coerce.number().int().min(0).catch(0).parse(asked(request, "from"));
  const ofTopic = topic === "" ? tickets : tickets.filter((ticket) => ticket.topic === topic);
  const chosen = ofTopic.filter(CHOICES[which]);
  const shown = chosen.slice(from, from + ROWS_MAX);
  const address = (query: Readonly<Record<string, string | number | null>>): string =>
    `${addressWith(pathOf(rehearsalId), { show: which, topic, ...query })}#tickets`;
  return html`<section class="stack" id="tickets">
    <h2>${topic === "" ? "Tickets" : `Tickets about ${topicName(topic)}`}</h2>
    ${tabs(
      "Which tickets",
      Which.unwrap().options.map((one) => ({
        href: address({ show: one }),
        name: `${NAMES[one]} (${ofTopic.filter(CHOICES[one]).length})`,
        isHere: one === which,
      })),
    )}
    ${topic === "" ? "" : html`<p><a href="${address({ topic: null })}">Tickets about everything</a></p>`}
    ${looked(ofTopic)}
    ${
      shown.length === 0
        ? html`<p class="box soft">No such ticket.</p>`
        : html`<ol class="cases" id="rehearsed" aria-label="Tickets">
            ${shown.map((ticket) => row(rehearsalId, ticket))}
          </ol>`
    }
    ${pages({ from, all: chosen.length, address })}
  </section>`;
}

/** What people said so far about what the code judged. */
function looked(tickets: readonly ListedTicket[]): HtmlValue {
  const said = tickets.flatMap(({ verdict }) => (verdict === null ? [] : [verdict.right]));
  if (said.length === 0) return null;
  const times = (right: string): number => said.filter((one) => one === right).length;
  return html`<p class="soft" id="looked">
    ${counted(said.length, "ticket")} looked at by people: Deskhand was right in ${times("draft")},
    the teammate in ${times("person")}, both in ${times("both")}, neither in ${times("neither")}.
  </p>`;
}

function pages({
  from,
  all,
  address,
}: {
  readonly from: number;
  readonly all: number;
  readonly address: (query: Readonly<Record<string, number>>) => string;
}): HtmlValue {
  if (all <= ROWS_MAX) return null;
  return html`<nav class="row" id="pager" aria-label="Pages of this list">
    ${from > 0 ? html`<a class="button" href="${address({ from: Math.max(0, from - ROWS_MAX) })}">Before</a>` : ""}
    ${from + ROWS_MAX < all ? html`<a class="button" rel="next" href="${address({ from: from + ROWS_MAX })}">More</a>` : ""}
    <span class="soft">${from + 1} to ${Math.min(all, from + ROWS_MAX)} of ${all}</span>
  </nav>`;
}

function row(rehearsalId: string, ticket: ListedTicket): Html {
  const { id, subject, excerpt, topic, language, route, agreement, verdict, keptAs } = ticket;
  const [first = excerpt] = differenceLines(ticket.comparison);
  const about = [
    topicName(topic),
    ...(language === null ? [] : [language]),
    route === "not_at_all" ? "would not have gone out" : `could go ${ROUTES[route]}`,
  ];
  return html`<li class="case-row">
    <a class="what" href="${ticketPath(rehearsalId, id)}">${subject === "" ? excerpt : subject}</a
    ><span class="money"
      >${ticket.moneyAtRisk.length === 0 ? "" : `${moneyText(ticket.moneyAtRisk)} at risk`}</span
    ><span class="excerpt" dir="auto">${first.slice(0, LINE_CHARACTERS)}</span
    ><span class="meta">${about.join(" · ")}</span
    ><span class="badges"
      ><span class="${agreement === "wrong" ? "badge danger" : "badge"}"
        >${AGREEMENTS[agreement]}</span
      >${verdict === null ? "" : html`<span class="badge">${VERDICTS[verdict.right]}</span>`}${
        keptAs === "" ? "" : html`<span class="badge">kept as a case</span>`
      }</span
    >
  </li>`;
}
