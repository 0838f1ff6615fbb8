/** The page that the helpdesk shows beside a ticket, what is on it, and what it says instead when it may not be opened. */

import type { RequestHandler, Response } from "express";
import type { TicketSidebar } from "#core/contracts/channel.ts";
import { momentText } from "#core/values/moment.ts";
import { cardsOfCase, cardsView } from "#server/console/case/case.ts";
import { DIALOGS, wholePage } from "#server/console/frame.ts";
import { none } from "#server/console/parts.ts";
import { html, type Html } from "#server/http/html.ts";
import { caseOfTicket, type TicketCaller } from "./session.ts";

/**
 * Lets the helpdesk's own pages frame what is answered, and nothing else. A page loads our own files and the helpdesk's
 * one script.
 */
export function framedBy({ origin, script }: TicketSidebar): RequestHandler {
  const policy = [
    "default-src 'none'",
    `script-src 'self' ${new URL(script).origin}`,
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    `frame-ancestors ${origin}`,
  ].join("; ");
  return (_request, response, next) => {
    // The older header knows no origins, and would forbid what the newer one permits.
    response.removeHeader("X-Frame-Options");
    response.set({
      "Content-Security-Policy": policy,
      "Cache-Control": "no-store",
      "Referrer-Policy": "no-referrer",
    });
    next();
  };
}

/**
 * Sends a page: with the secret of a session, which its script takes out at once and asks for the cards with; without one it
 * is words alone, and runs nothing.
 */
export function sendTicketPage(
  response: Response,
  { script: early }: TicketSidebar,
  content: Html,
  secret: string | null = null,
): void {
  const styles = ["style.css", "console.css", "ticket.css"];
  const script = secret === null ? null : "ticket.js";
  const body = html`<body class="desk ticket" ${secret !== null && html` data-session="${secret}"`}>
    <main id="main">
      <h1>Deskhand</h1>
      ${content}
    </main>
    ${secret !== null && DIALOGS}
  </body>`;
  const page = wholePage({ title: "Deskhand", styles, script, early }, body);
  response.type("html").send(page.toString());
}

/** What an agent sees until the cards are there. */
export function openedView(name: string): Html {
  return html`<p class="notice problem" id="away" role="alert" hidden></p>
    <p class="notice" id="said" role="status" tabindex="-1" hidden></p>
    <div id="live" data-parts="">
      <section aria-label="Cards of this ticket" class="stack" id="cards">
        <p class="soft">One moment …</p>
      </section>
    </div>
    <p class="soft">You decide as ${name}.</p>`;
}

/** Says why nothing is shown. */
export function closedView(words: string): Html {
  return html`<p class="notice">${words}</p>`;
}

/** The cards of the ticket and who has it, as the page asks for them again and again. */
export async function ticketParts(caller: TicketCaller): Promise<Html> {
  const { parts, now } = caller;
  const { zone } = parts.policy.digest;
  const read = await caller.run(async (transaction) => {
    const [own] = await caseOfTicket(transaction, caller);
    return own === undefined
      ? null
      : cardsOfCase(transaction, own.id, { policy: parts.policy, now });
  });
  const visit = { ...caller, when: (at: Date) => momentText(at, zone, now) };
  // The conversation is in the ticket, and those joined with it are not.
  const shown =
    read === null ? none(UNKNOWN, "none") : cardsView({ ...read, seen: null }, visit, null);
  return html`<div id="cards">${shown}</div>`;
}

const UNKNOWN =
  "Deskhand has nothing on this ticket. It appears here once Deskhand has read it, if its group and brand are Deskhand's.";
