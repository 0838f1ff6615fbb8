/** The page that the helpdesk shows beside a ticket, and what it says instead when it may not be opened. */

import type { RequestHandler, Response } from "express";
import type { TicketSidebar } from "#core/contracts/ticket-sidebar.ts";
import { DIALOGS } from "#server/console/frame.ts";
import { html, type Html } from "#server/http/html.ts";

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

/** Sends a page; without a session it is words alone, and runs nothing. */
export function sendTicketPage(
  response: Response,
  { script }: TicketSidebar,
  status: number,
  body: Html,
): void {
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Deskhand</title>
        <link rel="icon" href="/assets/icon.svg" type="image/svg+xml" />
        ${["style.css", "console.css", "ticket.css"].map((name) => html`<link rel="stylesheet" href="/assets/${name}" />`)}
        ${status === 200 && html`<script src="${script}"></script>`}
        ${status === 200 && html`<script type="module" src="/assets/ticket.js"></script>`}
      </head>
      ${body}
    </html>`;
  response.status(status).type("html").send(String(page));
}

/** The page of an agent: the script takes the secret out of it at once and asks for the rest with it. */
export function openedPage(secret: string, name: string): Html {
  return html`<body class="ticket" data-session="${secret}">
    <main id="main">
      <h1 class="out-of-sight">Deskhand</h1>
      <p class="notice problem" id="away" role="alert" hidden></p>
      <p class="notice" id="said" role="status" tabindex="-1" hidden></p>
      <div id="live" data-parts="">
        <section aria-label="Cards of this ticket" class="stack" id="cards">
          <p class="soft">One moment …</p>
        </section>
        <div id="done"></div>
      </div>
      <p class="soft">You decide as ${name}.</p>
    </main>
    ${DIALOGS}
  </body>`;
}

/** Says why nothing is shown. */
export function closedPage(words: string): Html {
  return html`<body class="ticket">
    <main id="main">
      <h1 class="out-of-sight">Deskhand</h1>
      <p class="notice">${words}</p>
    </main>
  </body>`;
}
