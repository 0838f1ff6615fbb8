/**
 * Room: the card beside a ticket of the helpdesk, in a frame of the helpdesk's own page.
 * In: the page's first request, which the helpdesk signed, and then what this page asks and sends.
 * Out: the card, its forms and explanations; decisions go to the desk handler.
 * May touch: the database (sessions, cards, cases); the helpdesk, to ask who the agent is.
 *
 * What is signed names the agent and not the ticket, which the page learns from the frame around it. A session is bound to
 * the first ticket it names; which cases a teammate may see is, as in the console, the policy's roles to say.
 */

import {
  json,
  Router,
  urlencoded,
  type Request,
  type RequestHandler,
  type Response,
} from "express";
import { z } from "zod";
import {
  decisionSubject,
  type DecisionButton,
  type DeskTeammate,
} from "#core/contracts/approval-desk.ts";
import type { TicketSidebar } from "#core/contracts/channel.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { OUT_OF_DATE } from "#jobs/approval/refusals.ts";
import { Decide, decide, DECISIONS } from "#server/console/case/card.ts";
import { momentText } from "#core/values/moment.ts";
import { cardsOfCase, cardsView } from "#server/console/case/case.ts";
import { DIALOGS, sends, wholePage } from "#server/console/frame.ts";
import { none } from "#server/console/parts.ts";
import { html, type Html } from "#server/http/html.ts";
import { callerAs, type PageOptions } from "#server/console/session.ts";
import { clientAddress, rateLimit, type RateLimit } from "#server/http/admission.ts";
import { requireOwnPage, type OwnOrigin } from "#server/pages/own-origin.ts";
import { loadApproval } from "#store/approvals/approvals.ts";
import {
  type CaseConversation,
  conversationOfTicket,
  conversationsOfCase,
} from "#store/console/case.ts";
import type { Transaction } from "#store/db/database.ts";
import {
  bindToTicket,
  findTicketSession,
  openTicketSession,
  type TicketSession,
} from "#store/identity/sessions.ts";

/** A signed token has a thousand characters. */
const FORM_MAX = "16kb";
/** An edited reply may have 60,000 characters, each of up to six bytes in JSON. */
const BODY_MAX = "512kb";

/** An office opens many tickets from one address; a program that guesses asks for more. */
const OPENINGS_A_MINUTE = 300;
/** A page asks every two seconds. */
const REQUESTS_A_MINUTE = 240;

const Opening = z.object({ token: z.string().min(1).max(8_000) });
const Bound = z.strictObject({ ticket: z.string().regex(/^[1-9]\d{0,14}$/) });
/**
 * Everything on a card, and who has the case; a reply of one's own is written in the ticket itself, and a case is snoozed
 * where its messages are shown.
 */
const Pressed = Decide.refine(({ button }) => !NOT_HERE.has(button), {
  path: ["button"],
  error: "is pressed elsewhere",
});
const NOT_HERE: ReadonlySet<DecisionButton> = new Set([
  "reply",
  "not_junk",
  "close",
  "reopen",
  "snooze",
]);

/** The routes of the card beside a ticket. */
export function ticketRoutes(
  options: PageOptions,
  sidebar: TicketSidebar,
  ownOrigin: OwnOrigin,
): Router {
  const router = Router();
  const { clock } = options.parts;
  const openings = rateLimit({
    clock,
    max: OPENINGS_A_MINUTE,
    what: "from this address",
  });
  const requests = rateLimit({
    clock,
    max: REQUESTS_A_MINUTE,
    what: "from this page",
  });
  const desk: TicketDesk = { options, sidebar, requests };
  router.use(framedBy(sidebar));
  router.post("/", urlencoded({ extended: false, limit: FORM_MAX }), async (request, response) => {
    openings.check(clientAddress(request));
    await open(desk, request, response);
  });
  router.get("/", (_request, response) =>
    sendTicketPage(response.status(404), sidebar, closedView(BESIDE)),
  );
  const ownPage = requireOwnPage(ownOrigin);
  const answering =
    (answer: (caller: TicketCaller) => Promise<object>) =>
    async (request: Request, response: Response): Promise<void> => {
      response.json(await answer(await readTicketCaller(desk, request)));
    };
  router.get("/state", async (request, response) => {
    const caller = await readTicketCaller(desk, request);
    response.type("html").send(String(await ticketParts(caller)));
  });
  // Whatever the console answers about a card, of this ticket's case alone.
  for (const [path, answer] of Object.entries(DECISIONS.answers))
    router.get(
      path,
      answering(async (caller) =>
        (await isOfTicket(caller, caller.named("id"))) ? answer(caller) : OUT_OF_DATE,
      ),
    );
  const sent = [ownPage, json({ limit: BODY_MAX })] as const;
  router.post("/ticket", ...sent, answering(sends(Bound, bind)));
  router.post("/decide", ...sent, answering(sends(Pressed, press)));
  return router;
}

const BESIDE =
  "This page stands beside a ticket. Open a ticket in Zendesk, and the app Deskhand there.";

/** Exchanges what the helpdesk signed for a session of this page. Each signed opening begins one session. */
async function open({ options, sidebar }: TicketDesk, request: Request, response: Response) {
  const turnAway = (status: number, words: string): void =>
    sendTicketPage(response.status(status), sidebar, closedView(words));
  const { parts } = options;
  const sent = Opening.safeParse(request.body);
  if (!sent.success) return turnAway(404, BESIDE);
  try {
    const { userId, id } = await sidebar.opened(sent.data.token);
    const known = await sidebar.agent(userId);
    if (known === null) return turnAway(403, NO_AGENT);
    const agent = { ...known, userId, origin: sidebar.origin };
    if (parts.policy.roleOf(agentTeammate(agent)) === null)
      return turnAway(403, noRole(known.email));
    const secret = await parts.store.run(openTicketSession, agent, id, parts.clock.now());
    if (secret === null) return turnAway(401, USED);
    sendTicketPage(response, sidebar, openedView(known.name), secret);
  } catch (error) {
    if (!(error instanceof DeskhandError)) throw error;
    turnAway(error.code === "input.unverified" ? 401 : 503, error.message);
  }
}

const NO_AGENT =
  "Deskhand shows this to active agents whose address is verified in Zendesk, and you are none. Nothing was shown. Verify your address in your profile, then reload the app.";
const USED = "This page was opened already. Reload the app beside the ticket.";

function noRole(email: string): string {
  return `The policy gives ${email} no role, so nothing is shown. A lead can add the address on the console's page Policy, Team; then reload the app.`;
}

/** Says which ticket this page stands beside; it is said once. */
async function bind(
  { run, bearer, now }: TicketCaller,
  { ticket }: z.infer<typeof Bound>,
): Promise<object> {
  if (await run(bindToTicket, bearer, ticket, now)) return {};
  throw new DeskhandError(
    "input.forbidden",
    "this page stands beside another ticket; reload the app",
  );
}

async function press(caller: TicketCaller, typed: z.infer<typeof Pressed>): Promise<object> {
  return (await isOfTicket(caller, typed.approvalId)) ? decide(caller, typed) : OUT_OF_DATE;
}

// The page, what is on it, and what it says instead when it may not be opened.

/**
 * Lets the helpdesk's own pages frame what is answered, and nothing else. A page loads our own files and the helpdesk's
 * one script.
 */
function framedBy({ origin, script }: TicketSidebar): RequestHandler {
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
function sendTicketPage(
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
function openedView(name: string): Html {
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
function closedView(words: string): Html {
  return html`<p class="notice">${words}</p>`;
}

/** The cards of the ticket and who has it, as the page asks for them again and again. */
async function ticketParts(caller: TicketCaller): Promise<Html> {
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

// Who asks: the agent's session, the ticket it is bound to, and the case of that ticket.

/** What the pages beside a ticket are made of. */
interface TicketDesk {
  readonly options: PageOptions;
  readonly sidebar: TicketSidebar;
  /** How often one page may ask. */
  readonly requests: RateLimit;
}

/** One request of an agent with a role, beside the ticket of the session. */
type TicketCaller = Awaited<ReturnType<typeof readTicketCaller>>;

/** The agent as a teammate at the desk; the same person as anywhere else by their address. */
function agentTeammate({
  userId,
  name,
  email,
}: Pick<TicketSession, "userId" | "name" | "email">): DeskTeammate {
  return { id: `zendesk:${userId}`, name, email, eligible: true };
}

/**
 * Who sent this request, for whom the helpdesk has vouched within a minute: what is read is as personal as what is decided.
 * Throws the error to answer with for a request without a session, of a page that asks too often, and of an agent without
 * a role or whom the helpdesk does not know as an active one under this address; `channel.unavailable` when it does not say.
 */
async function readTicketCaller({ options, sidebar, requests }: TicketDesk, request: Request) {
  const { store, policy, clock } = options.parts;
  // The page keeps it in its memory alone, so no other site can make a browser send it.
  const [, bearer = ""] = /^Bearer ([\w-]{43})$/.exec(request.get("authorization") ?? "") ?? [];
  const session = bearer === "" ? null : await store.run(findTicketSession, bearer, clock.now());
  // Of another account than the one that is connected now.
  if (session === null || session.origin !== sidebar.origin) throw sessionOver();
  requests.check(bearer);
  const teammate = agentTeammate(session);
  const caller = callerAs(options, { teammate, role: policy.roleOf(teammate) }, request);
  const agent = await sidebar.agent(session.userId);
  if (agent?.email.toLowerCase() !== session.email) throw sessionOver();
  return { ...caller, sidebar, session, bearer };
}

function sessionOver(): DeskhandError {
  return new DeskhandError("input.unverified", "this session is over; reload the app");
}

/** The conversations of the case that the session's ticket belongs to; none where Deskhand has not read this ticket. */
async function caseOfTicket(
  transaction: Transaction,
  { session, sidebar }: Pick<TicketCaller, "session" | "sidebar">,
): Promise<readonly CaseConversation[]> {
  if (session.ticket === null) return [];
  const id = await conversationOfTicket(transaction, sidebar.channel, session.ticket);
  return id === null ? [] : conversationsOfCase(transaction, id);
}

/** True for a card or a conversation of that case; what does not exist and what is of another case are answered alike. */
function isOfTicket(caller: TicketCaller, subject: string): Promise<boolean> {
  return caller.run(async (transaction) => {
    const ids = (await caseOfTicket(transaction, caller)).map(({ id }) => id);
    const kind = decisionSubject(subject);
    if (kind === "conversation") return ids.includes(subject);
    if (kind !== "card") return false;
    const approval = await loadApproval(transaction, subject);
    return approval !== null && ids.includes(approval.conversationId);
  });
}
