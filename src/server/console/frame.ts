/** The frame of the console: head, navigation and the parts every page has. */

import { momentText } from "#core/values/moment.ts";
import { html, type Html, type HtmlValue } from "#server/http/html.ts";
import type { Visit } from "./session.ts";

/** One place of the console. */
interface Place {
  readonly path: string;
  readonly name: string;
  /** Support sees no link to it. */
  readonly leadsOnly?: boolean;
}

/** Every place the navigation leads to, in its order. A new part of the console is one more line here. */
const PLACES = [
  { path: "/console", name: "What waits" },
  { path: "/console/handovers", name: "Hand-overs" },
  { path: "/console/search", name: "Search" },
  { path: "/console/numbers", name: "Numbers" },
  { path: "/console/policy", name: "Policy" },
  { path: "/console/procedures", name: "Procedures" },
  { path: "/console/knowledge", name: "Help pages" },
  { path: "/console/rehearsals", name: "Rehearsals", leadsOnly: true },
  { path: "/console/lessons", name: "Lessons", leadsOnly: true },
  { path: "/console/audit", name: "Audit" },
  { path: "/console/health", name: "Health" },
] as const satisfies readonly Place[];

/** The path of a place, which says to the frame where a page belongs. */
type PlacePath = (typeof PLACES)[number]["path"];

/** What a page adds to the frame. */
export interface PageContent {
  readonly place: PlacePath;
  /** What the page is about, for its heading and for the window's title. */
  readonly title: string;
  readonly body: HtmlValue;
  /** Between heading and body, such as tabs or filters. */
  readonly tools?: HtmlValue;
  /** A page that is read rather than scanned is narrower. */
  readonly isNarrow?: boolean;
}

/** The whole page. The number of waiting cards is in the window's title, so that it is seen from another window. */
export function framed(visit: Visit, { place, title, body, tools, isNarrow }: PageContent): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${visit.waiting > 0 ? `(${visit.waiting}) ` : ""}${title} · Deskhand</title>
        <link rel="icon" href="/assets/icon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/assets/style.css" />
        <link rel="stylesheet" href="/assets/console.css" />
        <script src="/assets/early-presses.js"></script>
        <script type="module" src="/assets/console.js"></script>
      </head>
      <body class="desk">
        <a class="skip" href="#main">Skip to the content</a>
        <header class="bar">
          <a class="brand" href="/console"
            ><img src="/assets/icon.svg" alt="" width="24" height="24" /><span>Deskhand</span></a
          >
          <nav aria-label="Console">
            ${placesFor(visit).map((one) => placeLink(one, one.path === place, visit))}
          </nav>
          <div class="who">
            <span class="soft">${visit.name}, ${visit.isLead ? "lead" : "support"}</span>
            <a href="/console/health#pause">Pause…</a>
            <button type="button" id="leave" class="plain">Sign out</button>
          </div>
        </header>
        <main id="main" tabindex="-1" ${isNarrow === true && html` class="narrow"`}>
          ${notices(visit)}
          <h1>${title}</h1>
          ${tools} ${body}
          <p class="soft times">
            Times are in ${visit.zone}; it is ${momentText(visit.now, visit.zone)}.
          </p>
        </main>
        ${DIALOGS}
      </body>
    </html>`;
}

function placesFor({ isLead }: Visit): readonly Place[] {
  const places: readonly Place[] = PLACES;
  return places.filter(({ leadsOnly }) => leadsOnly !== true || isLead);
}

function placeLink({ path, name }: Place, isHere: boolean, { waiting }: Visit): Html {
  const count =
    path === "/console" && waiting > 0
      ? html` <span class="count" id="waiting-count">${waiting}</span>`
      : "";
  return html`<a href="${path}" ${isHere && html` aria-current="page"`}>${name}${count}</a>`;
}

/** What is away or paused, what the page says while it cannot reach the server, and what was just done. */
function notices({ paused, slackAway }: Visit): Html {
  return html`${
      slackAway !== null &&
      html`<p class="notice warn">
        Slack is away (${slackAway}). Cards and alerts may not reach the team there: decide here.
        <a href="/console/health#vendors">See what is away</a>
      </p>`
    }
    ${
      paused !== "" &&
      html`<p class="notice warn">⏸ ${paused} <a href="/console/health">See what is paused</a></p>`
    }
    <p class="notice problem" id="away" role="alert" hidden></p>
    <p class="notice" id="said" role="status" tabindex="-1" hidden></p>`;
}

/** The one dialog, for a question before something is done and for an explanation. */
const DIALOGS = html`<dialog id="confirm" aria-labelledby="confirm-title">
    <h2 id="confirm-title">Please confirm</h2>
    <p id="confirm-text" class="words"></p>
    <div class="row">
      <button type="button" class="main" id="confirm-yes"></button
      ><button type="button" id="confirm-no">Not yet</button>
    </div>
  </dialog>
  <dialog id="why" class="wide" aria-labelledby="why-title">
    <h2 id="why-title">Why?</h2>
    <pre id="why-text" class="trace" tabindex="0"></pre>
    <div class="row">
      <button type="button" id="why-close">Close</button
      ><a id="why-link">The whole trace on a page of its own</a>
    </div>
  </dialog>`;
