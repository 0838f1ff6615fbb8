/** The layout that all pages share. */
import { html, type Markup } from "./html.ts";

/** A person the visitor can act as. */
export interface Persona {
  readonly key: string;
  readonly label: string;
}

/** What a page is put into. */
export interface PageFrame {
  readonly title: string;
  readonly side: "agent" | "customer";
  readonly personas: readonly Persona[];
  readonly actingAs: string;
  /** Path to come back to after choosing another persona. */
  readonly path: string;
  /** What the page shows is current as long as this address answers this text. */
  readonly watch: { readonly address: string; readonly stamp: string };
  readonly narrow?: boolean;
}

/** A whole page: header with the persona selector, then `content`. */
export function layout(shell: PageFrame, content: Markup): string {
  const options = shell.personas.map(
    ({ key, label }) =>
      html`<option value="${key}" ${key === shell.actingAs && html`selected`}>${label}</option>`,
  );
  const links =
    shell.side === "agent"
      ? html`<a href="/agent">Tickets</a><a href="/agent/suspended">Suspended mail</a
          ><a href="/hc/requests">Customer side</a>`
      : html`<a href="/hc/articles">Help</a><a href="/hc/requests">My requests</a
          ><a href="/hc/requests/new">New request</a><a href="/agent">Agent side</a>`;
  const page = html`<html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <title>${shell.title}</title>
      <link rel="icon" href="data:," />
      <link rel="stylesheet" href="/agent/style.css" />
      <script src="/agent/live.js" defer></script>
    </head>
    <body data-watch="${shell.watch.address}" data-stamp="${shell.watch.stamp}">
      <a class="skip" href="#main">Skip to the content</a>
      <header class="top">
        <a class="name" href="${shell.side === "agent" ? "/agent" : "/hc/requests"}"
          >${shell.side === "agent" ? "Sandbox Zendesk" : "OurShop Help"}</a
        >
        <nav aria-label="Pages">${links}</nav>
        <form method="post" action="/agent/act-as">
          <label for="persona" style="margin:0">Act as</label>
          <input type="hidden" name="side" value="${shell.side}" />
          <input type="hidden" name="back" value="${shell.path}" />
          <select id="persona" name="persona">
            ${options}
          </select>
          <button>Switch</button>
        </form>
      </header>
      <main id="main" tabindex="-1" ${shell.narrow && html`class="narrow"`}>
        <div class="newer" id="newer" role="status" hidden>
          This page has changed meanwhile. <a href="${shell.path}">Reload</a>
        </div>
        ${content}
      </main>
    </body>
  </html>`;
  return `<!doctype html>\n${page.markup}`;
}

/** A time for people; the machine's form is in the title. */
export function timeTag(iso: string): Markup {
  const date = new Date(iso);
  const shown = `${date.toLocaleDateString("en-GB", { day: "numeric", month: "short", timeZone: "UTC" })}, ${iso.slice(11, 16)} UTC`;
  return html`<time datetime="${iso}" title="${iso}">${shown}</time>`;
}

/** The status of a ticket as a coloured badge. */
export function statusBadge(status: string): Markup {
  return html`<span class="status ${status}">${status === "hold" ? "on hold" : status}</span>`;
}

/** Two letters in a circle. */
export function avatar(name: string, kind: "bot" | "customer" | "staff"): Markup {
  const letters = name
    .split(/\s+/u)
    .slice(0, 2)
    .map((word) => word.slice(0, 1).toUpperCase())
    .join("");
  return html`<span class="avatar ${kind}" aria-hidden="true">${letters}</span>`;
}
