/**
 * Who asks for something of the console, and of what it is made: sessions, and what a page or a press knows of its
 * visitor, of the present, and of the composed application.
 */

import type { Request, Response, Router } from "express";
import { z } from "zod";
import { DeskhandError, readInput } from "#core/values/errors.ts";
import { momentText } from "#core/values/moment.ts";
import type { DeskHandler, DeskTeammate } from "#core/contracts/approval-desk.ts";
import { knownTeam } from "#core/contracts/policy.ts";
import type { Role } from "#core/values/vocabulary.ts";
import { pauseInWords, currentPause } from "#store/effects/pause.ts";
import { CursorText } from "#store/console/cursor.ts";
import { proposedChangeCount } from "#store/policy/policy-changes.ts";
import { inboxCounts } from "#store/console/inbox.ts";
import { appendAudit } from "#store/audit/audit-log.ts";
import type { Store, Transaction } from "#store/db/database.ts";
import {
  endSession,
  issuePass,
  redeemCode,
  SESSION_LIVES_MS,
  passHolder,
  type PassHolder,
} from "#store/identity/sessions.ts";
import { proposedVersions } from "#store/procedures/versions.ts";
import type { ConnectionState } from "#core/connection/connection-board.ts";
import type { QuestionVectors } from "#jobs/gaps/list-gaps.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import type { PictureDescriber } from "#core/contracts/model.ts";
import type { TeamSignIn } from "#core/contracts/ports.ts";
import type { TicketSidebar } from "#core/contracts/channel.ts";
import type { PolicyPlace } from "#jobs/policy/own-change.ts";
import type { PageShelf } from "#jobs/knowledge/pages.ts";
import type { ProcedureShelf } from "#jobs/procedures/shelf.ts";
import type { NeedCheck } from "#server/http/health.ts";
import type { PersonalData } from "#jobs/privacy/erase-person.ts";
import type { JsonObject } from "#core/values/canonical-json.ts";
import type { IdentityLevel } from "#core/values/identity.ts";
import type { OwnOrigin } from "#server/pages/own-origin.ts";

const COOKIE = "deskhand_session";

/** A signed-in person, with the role the policy gives them now. */
export interface Visitor {
  readonly teammate: DeskTeammate;
  /** Null for an address the policy does not list: signed in, but shown nothing. */
  readonly role: Role | null;
}

/** Sign-in by link, the current session, and sign-out. */
export type ConsoleSession = ReturnType<typeof consoleSession>;

/** The cookie is not readable by scripts and never sent from other sites; only a hash of its value is stored. */
export function consoleSession({
  store,
  clock,
  policy,
  cardLink,
  pseudonym,
}: PageOptions["parts"]) {
  const secure = () => cardLink("").startsWith("https:");
  const name = () => hostCookie(COOKIE, secure());
  const attributes = () => ({
    httpOnly: true,
    sameSite: "strict" as const,
    secure: secure(),
    path: "/",
  });
  const visitorFor = ({ email, name, isInvited }: PassHolder): Visitor => {
    const invited = isInvited === true ? { invited: true as const } : {};
    const teammate = { id: `console:${email}`, name, email, eligible: true, ...invited };
    return { teammate, role: policy.roleOf(teammate) };
  };
  const visitor = async (request: Request): Promise<Visitor | null> => {
    const session = sessionIn(request, name());
    if (session === null) return null;
    const holder = await store.run(passHolder, "session", session, clock.now());
    const visitor = holder === null ? null : visitorFor(holder);
    // A link that another lead made is no way to a lead's say.
    return holder?.isInvited === true && visitor?.role === "lead" ? null : visitor;
  };
  const begin = (response: Response, session: string, holder: PassHolder): Visitor => {
    response.cookie(name(), session, { ...attributes(), maxAge: SESSION_LIVES_MS });
    return visitorFor(holder);
  };
  return {
    /** The person a code would sign in; null for an invalid code. Does not use the code up. */
    named: (code: string): Promise<PassHolder | null> =>
      store.run(passHolder, "code", code, clock.now()),
    /** Exchanges the code of a link for a session cookie; null for an invalid code. */
    async enter(code: string, response: Response): Promise<Visitor | null> {
      const entered = await store.run(async (transaction) => {
        const now = clock.now();
        const redeemed = await redeemCode(transaction, code, now);
        if (redeemed?.holder.isInvited === true) {
          const data = { by: await pseudonym(transaction, redeemed.holder.email), invited: true };
          await appendAudit(transaction, { kind: "sign_in", data }, now);
        }
        return redeemed;
      });
      return entered === null ? null : begin(response, entered.session, entered.holder);
    },
    /** Signs in a person whom another way has proven, such as Slack; returns the session's holder. */
    async enterAs(holder: PassHolder, response: Response): Promise<Visitor> {
      const session = await store.run(issuePass, "session", holder, clock.now());
      return begin(response, session, holder);
    },
    /** The person who sent a request; null when not signed in. */
    visitor,
    async leave(request: Request, response: Response): Promise<void> {
      const session = sessionIn(request, name());
      if (session !== null) await store.run(endSession, session);
      response.clearCookie(name(), attributes());
    },
  };
}

/** Where pages have TLS, browsers take a cookie of this name from this very host alone, and from no page without TLS. */
export function hostCookie(name: string, secure: boolean): string {
  return secure ? `__Host-${name}` : name;
}

/** What the browser sent under this name; empty where it sent nothing. */
export function cookieIn(request: Request, name: string): string {
  const cookies = (request.get("cookie") ?? "").split(/;\s*/);
  return cookies.find((one) => one.startsWith(`${name}=`))?.slice(name.length + 1) ?? "";
}

function sessionIn(request: Request, name: string): string | null {
  return /^[\w-]{43}$/.exec(cookieIn(request, name))?.[0] ?? null;
}

/** What the console is made of. */
export interface Desk {
  readonly options: PageOptions;
  readonly session: ConsoleSession;
}

/** One request of a teammate with a role: who sent it, and what it says. */
export type Caller = ReturnType<typeof callerAs>;

/** Who sent this request, and what it says. Throws the error to answer with for a person without a session or a role. */
export async function readCaller({ session, options }: Desk, request: Request): Promise<Caller> {
  const visitor = await session.visitor(request);
  if (visitor === null)
    throw new DeskhandError("input.unverified", "your session has ended; open a new link");
  return callerAs(options, visitor, request);
}

/** The same for a person who is known already; without a role, `input.forbidden`. */
export function callerAs(options: PageOptions, { teammate, role }: Visitor, request: Request) {
  if (role === null)
    throw new DeskhandError("input.forbidden", "the policy gives your address no role");
  const { parts } = options;
  const email = teammate.email ?? teammate.id;
  const run: Store["run"] = (work, ...given) => parts.store.run(work, ...given);
  const now = parts.clock.now();
  const pseudonym = (transaction: Transaction) => parts.pseudonym(transaction, email);
  return {
    options,
    parts,
    teammate,
    name: teammate.name,
    email,
    isLead: role === "lead",
    now,
    /** Works in one transaction. */
    run,
    /** A text without secrets, as everywhere where people read customers' words. */
    mask: (text: string): string => parts.guard.mask(text),
    /** How the audit names the teammate. */
    pseudonym,
    /** Writes into the audit what the teammate did. */
    audit: async (transaction: Transaction, kind: string, done: JsonObject = {}): Promise<void> => {
      const link = teammate.invited === true ? { invited: true } : {};
      const data = { ...done, by: await pseudonym(transaction), ...link };
      await appendAudit(transaction, { kind, data }, now);
    },
    /** A part of the address as text; empty for a missing one. */
    named: (name: string) => storable(request.params[name]),
    /** A query's member as text; empty for a missing one, and for one that is given twice. */
    asked: (name: string) => storable(request.query[name]),
    /** A query's member as a whole number from 1 on; null for anything else. */
    askedNumber: (name: string) => wholeNumber(storable(request.query[name])),
    /** What a form or a button sent; throws `input.invalid` with every field that is wrong. */
    sent: <Shape extends z.ZodType>(shape: Shape) => readInput(shape, request.body),
  };
}

const SAID_MAX = 600;

/** Control characters are in no id and no word, and the database refuses some of them. */
function storable(value: unknown): string {
  return typeof value === "string"
    ? value
        .slice(0, SAID_MAX)
        .toWellFormed()
        .replaceAll(/\p{Cc}/gu, " ")
    : "";
}

const Whole = z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER);

/** The whole number from 1 on that a part of an address says; null for anything else. */
export function wholeNumber(text: string): number | null {
  return Whole.safeParse(text).data ?? null;
}

/** Throws `input.forbidden` with this sentence for a teammate who is no lead. */
export function requireLead({ isLead }: Pick<Caller, "isLead">, sentence: string): void {
  if (!isLead) throw new DeskhandError("input.forbidden", sentence);
}

/** Whose inbox it is: their name, by which a helpdesk knows them, and who has a role, as far as that is known. */
export function inboxOf({ name, parts }: Pick<Caller, "name" | "parts">) {
  return { named: name, team: knownTeam(parts.policy) };
}

/** A request for a page or a part of one, with what every page shows of the present. */
export type Visit = Awaited<ReturnType<typeof readVisit>>;

/** Reads what every page shows. */
export async function readVisit(caller: Caller) {
  const { policy, channels } = caller.parts;
  const { zone } = policy.digest;
  const [rows, proposed, paused] = await caller.run(async (transaction) => [
    await inboxCounts(transaction, caller.email, caller.now, inboxOf(caller)),
    (await proposedChangeCount(transaction)) + (await proposedVersions(transaction)).length,
    pauseInWords(await currentPause(transaction)),
  ]);
  // Each view has what it lists: these three begin with what leads vote on.
  const { open, unassigned, waiting } = rows;
  const voted = { open: open + proposed, unassigned: unassigned + proposed };
  const counts = { ...rows, ...voted, waiting: waiting + proposed };
  return {
    ...caller,
    /** The team's time zone, for every time on the page. */
    zone,
    /** Where the page of a list begins that the address asks for; null for the first one. */
    after: CursorText.parse(caller.asked("after")),
    /** A moment in that zone, as short as it can be told now. */
    when: (at: Date) => momentText(at, zone, caller.now),
    /** How many rows the views of the inbox have. */
    counts,
    /** How many are open: beside the inbox, and in the window's title. */
    waiting: counts.open,
    /** One line for everything that is paused; empty while nothing is. */
    paused,
    /** True while the console is the only desk, since Slack is not connected. */
    onlyDesk: !channels.has("slack"),
    /** Why clicks on Slack do not arrive; null while they do, and where this process does not hear Slack. */
    slackAway: slackTrouble(caller.options.vendors()),
  };
}

function slackTrouble({ providers, connections }: VendorStates): string | null {
  const lost = connections.find(({ channel, connected }) => channel === "slack" && !connected);
  if (lost !== undefined) return `${lost.name}: ${lost.reason ?? "not connected"}`;
  return providers["slack"] === "open" ? "it does not answer" : null;
}

// What the pages need from the composed application.

/** The parts of the job context that the pages use. */
type PageParts = Pick<
  JobContext,
  | "store"
  | "blobs"
  | "clock"
  | "ids"
  | "log"
  | "policy"
  | "bind"
  | "channels"
  | "cardLink"
  | "pseudonym"
> & {
  readonly guard: Pick<JobContext["guard"], "mask">;
  /** Describes customers' pictures; null unless the configured model takes pictures. */
  readonly pictures: PictureDescriber | null;
};

/** How the vendors stand as this process last saw them; to know it costs no call. */
export interface VendorStates {
  /** The circuit breaker of each vendor: `closed`, `open` or `half-open`. */
  readonly providers: Readonly<Record<string, string>>;
  /** Each identity we sign in to a vendor with: `ok`, or what has to be done. */
  readonly credentials: Readonly<Record<string, string>>;
  /** What this process keeps open, such as Slack's socket. */
  readonly connections: readonly ConnectionState[];
}

/** What the operator's health check and `status` know of this process. */
export interface HealthReport extends Pick<NeedCheck, "ready" | "stopping" | "needs"> {
  /** Memory and start, in one line. */
  readonly figures: string;
}

/** What the pages show and do. */
export interface PageOptions {
  readonly parts: PageParts;
  readonly handler: DeskHandler;
  /** Where a lead's changes of the policy are made. */
  readonly policyPlace: PolicyPlace;
  /** The team's procedures, and what plays their tests. */
  readonly procedures: ProcedureShelf;
  /** The help pages, and what searches them. */
  readonly pages: PageShelf;
  /** Says how near two texts are in meaning; null where words alone are compared. */
  readonly vectors: QuestionVectors | null;
  readonly health: () => Promise<HealthReport>;
  /** What the bot is offered. */
  readonly tools: () => readonly ListedTool[];
  readonly rehearsals: RehearsalDesk;
  /** What erasing a person needs besides the database, and how long text and records are kept. */
  readonly personal: PersonalData;
  readonly vendors: () => VendorStates;
  /** Why no webhook may be sent to this address, as the end of a sentence; null where it may. */
  readonly webhookRefusal: (url: string) => string | null;
  /** The team's own sign-in, such as its Slack; null where there is only the one-time link. */
  readonly teamSignIn: TeamSignIn | null;
  /** How the helpdesk shows the card beside its tickets; null where its app is not installed. */
  readonly sidebar: TicketSidebar | null;
  /** The page at `/`, with what else the sandbox serves; null where every service is real, and the console stands there. */
  readonly startPage: ((ownOrigin: OwnOrigin) => Router) | null;
}

/** Where a lead starts rehearsals. */
export interface RehearsalDesk {
  /** What there is to rehearse, in words; null where nothing is connected that has solved tickets. */
  readonly source: string | null;
  /** What this process does with it now, or why the last one could not begin; empty where neither is. */
  readonly progress: () => string;
  /** Begins one, which goes on by itself. Throws `input.invalid` while another one runs. */
  readonly start: () => void;
}

/** A tool as the bot is offered it. */
export interface ListedTool {
  readonly name: string;
  /** `ending` ends the turn, such as the reply. */
  readonly kind: "read" | "write" | "ending";
  /** What the policy decides on; null for a tool that changes nothing. */
  readonly operation: string | null;
  /** From this level on it shows and changes something. */
  readonly level: IdentityLevel;
  /** Where it comes from: `built in`, or the name of a connected system. */
  readonly from: string;
  /** The schema of its arguments, as the model gets it. */
  readonly parameters: JsonObject;
}
