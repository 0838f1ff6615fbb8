/** The agents' page of suspended tickets. */
import type { Desk } from "#sandbox/zendesk/records/desk.ts";
import { html, type Markup } from "./html.ts";
import { timeTag } from "./layout.ts";

/** Mails that were held back, each with why, to be made a ticket or thrown away. */
export function suspendedList(desk: Desk, problem: string): Markup {
  const mails = desk.suspended.all().toSorted((one, other) => other.id - one.id);
  const cards = mails.map(
    (mail) =>
      html`<article class="card">
        <h2>${mail.subject}</h2>
        <p class="soft">
          From ${mail.name} &lt;${mail.email}&gt; · ${timeTag(mail.created_at)} · held back:
          <b>${mail.cause}</b>
        </p>
        <div class="text">${mail.content.slice(0, 2_000)}</div>
        <div class="row end">
          <form method="post" action="/agent/suspended/${mail.id}/discard">
            <button aria-label="Delete: ${mail.subject}">Delete</button>
          </form>
          <form method="post" action="/agent/suspended/${mail.id}/recover">
            <button class="main" aria-label="Recover: ${mail.subject}">Recover as a ticket</button>
          </form>
        </div>
      </article>`,
  );
  return html`${problem !== "" && html`<div class="problem" role="alert">${problem}</div>`}
    <div class="head"><h1>Suspended mail</h1></div>
    ${mails.length === 0 ? html`<div class="card empty">No mail is held back.</div>` : cards}`;
}
