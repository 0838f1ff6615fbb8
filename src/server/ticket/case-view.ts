/** What stands beside a ticket: its cards with their buttons, who has the case, and what was done. */

import { cardsOfCase, cardsView } from "#server/console/case/case.ts";
import { turnView } from "#server/console/case/trace.ts";
import { fold, none } from "#server/console/parts.ts";
import { html, type Html } from "#server/http/html.ts";
import { momentText } from "#core/values/moment.ts";
import { turnsOfCase } from "#store/console/case.ts";
import { caseOfTicket, type TicketCaller } from "./session.ts";

const TURNS_MAX = 3;

/** The parts of the page that are asked for again and again, each under its id. */
export async function ticketParts(caller: TicketCaller): Promise<Html> {
  const { options, session, now } = caller;
  const { zone } = options.parts.policy.digest;
  const visit = {
    parts: options.parts,
    email: session.email,
    when: (at: Date) => momentText(at, zone, now),
  };
  const read = await options.parts.store.run(async (transaction) => {
    const [own] = await caseOfTicket(transaction, caller);
    if (own === undefined) return null;
    const found = await cardsOfCase(transaction, own.id, { zone, now });
    const ids = found.conversations.map(({ id }) => id);
    // The conversation is in the ticket, and those joined with it are not.
    return { ...found, seen: null, turns: await turnsOfCase(transaction, ids, TURNS_MAX) };
  });
  if (read === null) return html`<div id="cards">${none(UNKNOWN, "none")}</div>`;
  const { turns } = read;
  return html`<div id="cards">${cardsView(read, visit, null)}</div>
    <div id="done">
      ${
        turns.length > 0 &&
        fold(
          "What Deskhand did",
          turns.map((turn) => turnView(turn, visit, false)),
          { id: "turns", class: "box" },
        )
      }
    </div>`;
}

const UNKNOWN =
  "Deskhand has nothing on this ticket. It appears here once Deskhand has read it, if its group and brand are Deskhand's.";
