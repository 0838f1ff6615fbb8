/** Sessions of the console. */

import type { Request, Response } from "express";
import type { DeskTeammate } from "#core/contracts/approval-desk.ts";
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
