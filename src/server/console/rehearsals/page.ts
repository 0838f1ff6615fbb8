/**
 * The pages of rehearsals, which leads alone see: one with its figures and its tickets, and one of its tickets with the
 * buttons that say who was right.
 */

import { topicName } from "#core/values/vocabulary.ts";
import { keptName } from "#jobs/reports/candidate-cases.ts";
import { z } from "zod";
import { invalidInput } from "#core/values/errors.ts";
import { comparisonAgreement, PersonVerdict } from "#core/values/rehearsal.ts";
import { counted } from "#core/values/words.ts";
import { stepsView } from "#server/console/case/trace.ts";
import { sendButton } from "#server/console/forms.ts";
import { sends, type PageContent, type Subject } from "#server/console/frame.ts";
import { aside, facts, fold, link, none, row, soft } from "#server/console/parts.ts";
import type { Caller, Visit } from "#server/console/session.ts";
import { addressWith, html, type Html, type HtmlValue } from "#server/http/html.ts";
import {
  listedTickets,
  setTicket,
  readRehearsal,
  rehearsalTicket,
  type KeptTicket,
  type Rehearsal,
} from "#store/rehearsal/rehearsals.ts";
import {
  AGREEMENTS,
  figuresView,
  NO_AI,
  PATH,
  rehearsalPath,
  sourceText,
  topicsView,
  VERDICTS,
  verdictView,
} from "./figures.ts";
import { ticketView } from "./side-by-side.ts";
import { isDisagreement, rehearsalsPage, rehearsalsView, stateBadge, ticketList } from "./list.ts";

const TicketId = z.string().min(1).max(500);
const Said = z.strictObject({
  ticket: TicketId,
  /** Null takes back what was said. */
  right: PersonVerdict.shape.right.nullable(),
});
const Kept = z.strictObject({ ticket: TicketId });

/** The list, the page of one rehearsal, that of one of its tickets, and what their buttons send. */
export const REHEARSALS: Subject = {
  place: PATH,
  pages: {
    "/rehearsals": rehearsalsPage,
    "/rehearsals/:id": rehearsalPage,
    "/rehearsals/:id/ticket": rehearsedTicketPage,
  },
  instead: {
    title: "Rehearsals",
    isNarrow: true,
    body: html`<p class="box">
      Rehearsals show what your colleagues answered, so that leads alone see them. Ask a lead to
      show you one.
    </p>`,
  },
  parts: { "/rehearsals": rehearsalsView },
  presses: {
    "/rehearsals/start": async ({ options }) => options.rehearsals.start(),
    "/rehearsals/:id/verdict": sends(Said, sayWhoWasRight),
    "/rehearsals/:id/keep": sends(Kept, keepAsCase),
  },
  leadsOnly: "only a lead can start or judge a rehearsal",
};

/** One rehearsal; null for one that is not kept. */
async function rehearsalPage(visit: Visit): Promise<PageContent | null> {
  const id = visit.named("id");
  const { rehearsal, tickets } = await visit.run(async (transaction) => ({
    rehearsal: await readRehearsal(transaction, id),
    tickets: await listedTickets(transaction, id),
  }));
  if (rehearsal === null) return null;
  return {
    title: `Rehearsal of ${counted(rehearsal.tickets, "ticket")}`,
    tools: aboutRehearsal(rehearsal, visit),
    body: html`${
      rehearsal.summary === null
        ? html`<p class="box" id="no-figures">
            There are no figures yet: they are counted when a rehearsal ends or stops.
          </p>`
        : html`${verdictView(rehearsal.summary, rehearsal, tickets.filter(isDisagreement).length)}${figuresView(rehearsal.summary)}
          ${topicsView(rehearsal.summary, (topic) => `${addressWith(rehearsalPath(id), { topic })}#tickets`)}`
    }
    ${
      tickets.length === 0
        ? none("Its tickets are not kept any more; the figures stay.", "tickets")
        : ticketList(id, tickets, visit)
    }`,
  };
}

function aboutRehearsal(rehearsal: Rehearsal, visit: Visit): Html {
  const { source, model, startedAt, policyVersion, isRehearsalModel } = rehearsal;
  return html`<p class="soft">
    ${link(PATH, "Rehearsals")} · from ${sourceText(source)} · ${visit.when(startedAt)} ·
    ${isRehearsalModel ? "rehearsal rules" : model} · policy ${policyVersion.slice(0, 12)}
    ${stateBadge(rehearsal)}
  </p>`;
}

/** One ticket, both answers beside each other; null for one that is not kept. */
async function rehearsedTicketPage(visit: Visit): Promise<PageContent | null> {
  const id = visit.named("id");
  const { rehearsal, kept } = await visit.run(async (transaction) => ({
    rehearsal: await readRehearsal(transaction, id),
    kept: await rehearsalTicket(transaction, id, visit.asked("id")),
  }));
  if (rehearsal === null || kept === null) return null;
  const { played } = kept;
  const { ticket, trace } = played;
  return {
    title: ticket.subject === "" ? `Ticket ${ticket.id}` : visit.mask(ticket.subject),
    tools: html`<p class="soft">
      ${link(`${rehearsalPath(id)}#tickets`, "The whole rehearsal")} · ${topicName(played.topic)} ·
      answered ${visit.when(new Date(ticket.answer.at))} ·
      ${/^https?:\/\//.test(ticket.link) ? link(ticket.link, `ticket ${ticket.id}`) : `ticket ${ticket.id}`}
    </p>`,
    body: html`${rehearsal.isRehearsalModel && html`<p class="notice warn" id="no-ai">${NO_AI}</p>`}
    ${judgement(kept, visit, id)}${ticketView(played, visit.mask)}
    ${fold(
      "What Deskhand did, step by step",
      html`${soft(`Who asked: level ${played.identityLevel}, ${visit.mask(played.identityReason)}.${played.accountData === "today" ? " Account data is today's." : ""}`)}
      ${stepsView(trace.spans, trace.spans[0]?.startedAt ?? played.playedAt)}`,
      { id: "trace", class: "box" },
    )}`,
  };
}

/** The machine's judgement and people's beside each other, with the buttons for both. */
function judgement({ played, verdict, keptAs }: KeptTicket, visit: Visit, id: string): Html {
  const address = `${rehearsalPath(id)}/`;
  const ticket = played.ticket.id;
  const agreement = comparisonAgreement(played.comparison);
  return html`<section class="box stack" id="judgement" aria-label="Who was right">
    ${facts([
      ["Code says", AGREEMENTS[agreement], agreement === "wrong" ? "bad" : ""],
      [
        "People say",
        verdict === null
          ? aside("nothing yet")
          : html`${VERDICTS[verdict.right]}
            ${aside(`${verdict.by}, ${visit.when(new Date(verdict.at))}`)}`,
        "",
      ],
    ])}
    ${row(
      PersonVerdict.shape.right.options.map((right) =>
        sendButton(VERDICTS[right], {
          to: `${address}verdict`,
          body: { ticket, right },
          isPressed: verdict?.right === right,
        }),
      ),
      verdict !== null &&
        sendButton("Take it back", {
          to: `${address}verdict`,
          body: { ticket, right: null },
          className: "plain",
        }),
    )}
    ${keepButton(address, ticket, keptAs)}
  </section>`;
}

function keepButton(address: string, ticket: string, keptAs: string): HtmlValue {
  return keptAs === ""
    ? row(
        sendButton("Keep as a case", { to: `${address}keep`, body: { ticket } }),
        aside("Names, addresses and numbers are masked; a person completes it."),
      )
    : html`<p id="kept">
        Kept as a candidate for a case. ${aside("It is printed, masked, by")}
        <code>deskhand evals ${keptAs}</code>
      </p>`;
}

// What the buttons send: who was right, and what becomes a case.

function sayWhoWasRight(press: Caller, { ticket, right }: z.infer<typeof Said>): Promise<void> {
  const at = press.now.toISOString();
  const verdict = right === null ? null : { right, by: press.name, note: "", at };
  return setKept(press, ticket, { verdict });
}

function keepAsCase(press: Caller, { ticket }: z.infer<typeof Kept>): Promise<void> {
  return setKept(press, ticket, { keptAs: keptName(press.named("id"), ticket) });
}

async function setKept(
  { run, named }: Caller,
  ticketId: string,
  change: Parameters<typeof setTicket>[2],
): Promise<void> {
  const place = { rehearsalId: named("id"), ticketId };
  if (!(await run(setTicket, place, change)))
    throw invalidInput(
      "this ticket is not kept any more: it was erased or became too old; the figures stay",
    );
}
