/** Sessions of the console, and what a page knows of its visitor. */

import type { Request, Response } from "express";
import { DeskhandError } from "#core/values/errors.ts";
import type { Role } from "#core/values/vocabulary.ts";
import type { PageOptions } from "#server/pages/options.ts";
import {
  codeHolder,
  endSession,
  issueSession,
  redeemCode,
  SESSION_LIVES_MS,
  sessionHolder,
  type PassHolder,
} from "#store/identity/console-sessions.ts";
import type { DeskTeammate } from "#core/contracts/approval-desk.ts";
import type { z } from "zod";
import type { Cursor } from "#store/console/cursor.ts";
import type { Store, Transaction } from "#store/db/database.ts";

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
export function consoleSession({ store, clock, policy, cardLink }: PageOptions["parts"]) {
  const attributes = () => ({
    httpOnly: true,
    sameSite: "strict" as const,
    secure: cardLink("").startsWith("https:"),
    path: "/",
  });
  const visitorFor = ({ email, name }: PassHolder): Visitor => {
    const teammate = { id: `console:${email}`, name, email, eligible: true };
    return { teammate, role: policy.roleOf(teammate) };
  };
  const visitor = async (request: Request): Promise<Visitor | null> => {
    const session = sessionIn(request);
    if (session === null) return null;
    const holder = await store.run((transaction) =>
      sessionHolder(transaction, session, clock.now()),
    );
    return holder === null ? null : visitorFor(holder);
  };
  return {
    /** The person a code would sign in; null for an invalid code. Does not use the code up. */
    named: (code: string): Promise<PassHolder | null> =>
      store.run((transaction) => codeHolder(transaction, code, clock.now())),
    /** Exchanges the code of a link for a session cookie; null for an invalid code. */
    async enter(code: string, response: Response): Promise<Visitor | null> {
      const entered = await store.run((transaction) => redeemCode(transaction, code, clock.now()));
      if (entered === null) return null;
      response.cookie(COOKIE, entered.session, { ...attributes(), maxAge: SESSION_LIVES_MS });
      return visitorFor(entered.holder);
    },
    /** Signs in a person whom another way has proven, such as Slack; returns the session's holder. */
    async enterAs(holder: PassHolder, response: Response): Promise<Visitor> {
      const value = await store.run((transaction) =>
        issueSession(transaction, holder, clock.now()),
      );
      response.cookie(COOKIE, value, { ...attributes(), maxAge: SESSION_LIVES_MS });
      return visitorFor(holder);
    },
    /** The person who sent a request; null when not signed in. */
    visitor,
    /** The same for requests that need a teammate who may decide; otherwise throws the error to answer with. */
    async teammate(request: Request): Promise<Visitor & { readonly role: Role }> {
      const found = await visitor(request);
      if (found === null)
        throw new DeskhandError("input.unverified", "your session has ended; open a new link");
      const { teammate, role } = found;
      if (role === null)
        throw new DeskhandError("input.forbidden", "the policy gives your address no role");
      return { teammate, role };
    },
    async leave(request: Request, response: Response): Promise<void> {
      const session = sessionIn(request);
      if (session !== null) await store.run((transaction) => endSession(transaction, session));
      response.clearCookie(COOKIE, attributes());
    },
  };
}

/** The address that signs a teammate in once. */
export function consoleLink(appUrl: string, code: string): string {
  return `${appUrl}/console/enter?code=${code}`;
}

function sessionIn(request: Request): string | null {
  const cookies = request.get("cookie") ?? "";
  return /(?:^|;\s*)deskhand_session=([\w-]{43})(?:;|$)/.exec(cookies)?.[1] ?? null;
}

/** One request of a teammate with a role: who sent it, and what it says. */
export interface Caller {
  readonly options: PageOptions;
  readonly parts: PageOptions["parts"];
  readonly teammate: DeskTeammate;
  readonly name: string;
  readonly email: string;
  readonly isLead: boolean;
  readonly now: Date;
  /** Works in one transaction. */
  readonly run: Store["run"];
  /** A text without secrets, as everywhere where people read customers' words. */
  readonly mask: (text: string) => string;
  /** How the audit names the teammate. */
  readonly pseudonym: (transaction: Transaction) => Promise<string>;
  /** A part of the address as text; empty for a missing one. */
  readonly named: (name: string) => string;
  /** A query's member as text; empty for a missing one, and for one that is given twice. */
  readonly asked: (name: string) => string;
  /** What a form or a button sent; throws `input.invalid` with every field that is wrong. */
  readonly sent: <Shape extends z.ZodType>(shape: Shape) => z.output<Shape>;
}

/** A request for a page or a part of one, with what every page shows of the present. */
export interface Visit extends Caller {
  /** The team's time zone, for every time on the page. */
  readonly zone: string;
  /** Where the page of a list begins that the address asks for; null for the first one. */
  readonly after: Cursor | null;
  /** A moment in that zone, as short as it can be told now. */
  readonly when: (at: Date) => string;
  /** How many cards wait for a decision. */
  readonly waiting: number;
  /** True while the console is the only desk, since Slack is not connected. */
  readonly onlyDesk: boolean;
  /** Why clicks on Slack do not arrive; null while they do, and where this process does not hear Slack. */
  readonly slackAway: string | null;
  /** One line for everything that is paused; empty while nothing is. */
  readonly paused: string;
}
