/** Who sends a request with an access token, and whether it may do what it asks for. */

import type { Request } from "express";
import type { DeskTeammate } from "#core/contracts/approval-desk.ts";
import type { Clock } from "#core/contracts/ports.ts";
import { DeskhandError } from "#core/values/errors.ts";
import type { Role } from "#core/values/vocabulary.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { clientAddress, rateLimit } from "#server/http/admission.ts";
import {
  PERSONAL_SCOPES,
  usedToken,
  type AccessToken,
  type TokenScope,
} from "#store/identity/access-tokens.ts";

/** A teammate, with the role that the policy gives their address now, or a machine, which may never decide. */
export type Bearer = { readonly token: Pick<AccessToken, "id" | "scopes"> } & (
  | {
      readonly kind: "person";
      readonly teammate: DeskTeammate & { readonly email: string };
      readonly role: Role;
    }
  /** Its name is a label that anybody may have; `token.id` is who it is. */
  | { readonly kind: "machine"; readonly name: string }
);

/** `Authorization: Bearer dk_…` (RFC 6750, section 2.1); a token is read from nowhere else. */
const HEADER = /^Bearer (dk_[\w-]{43})$/i;

/** What a caller is looked up in. */
type BearerParts = Pick<JobContext, "store" | "clock" | "policy">;

/** How many requests a token may send, and an address with tokens that do not hold. */
export type BearerLimits = ReturnType<typeof bearerLimits>;

/** A minute, of one address. */
const WRONG_TOKENS_MAX = 60;

/** The limits for routes whose callers have tokens, with so many requests a minute for each. */
export function bearerLimits(clock: Clock, requestsPerMinute: number) {
  return {
    token: rateLimit({ clock, max: requestsPerMinute, what: "with this token" }),
    wrong: rateLimit({ clock, max: WRONG_TOKENS_MAX, what: "with tokens that do not hold" }),
  };
}

/**
 * The sender of a request whose token has this scope. Every request of a token counts, those without one that holds count
 * by address. Throws `input.unverified` without a token that holds, `input.forbidden` where the token, or the person's
 * role now, does not reach, and `input.rate_limited`.
 */
export async function readBearer(
  parts: BearerParts,
  request: Request,
  scope: TokenScope,
  limits: BearerLimits,
): Promise<Bearer> {
  let bearer: Bearer;
  try {
    bearer = tokenHolder(await heldToken(parts, request), parts);
  } catch (error) {
    limits.wrong.check(clientAddress(request));
    throw error;
  }
  limits.token.check(bearer.token.id);
  requireScope(bearer, scope);
  return bearer;
}

/** Throws `input.forbidden` for a token without this scope, and for a machine where only people may have it. */
function requireScope(bearer: Bearer, scope: TokenScope): void {
  if (bearer.kind === "machine" && PERSONAL_SCOPES.includes(scope))
    throw new DeskhandError("input.forbidden", "a machine's token may not do this");
  if (!bearer.token.scopes.includes(scope))
    throw new DeskhandError(
      "input.forbidden",
      `this token lacks the scope ${scope}; make one that has it under Policy, Access`,
    );
}

async function heldToken({ store, clock }: BearerParts, request: Request): Promise<AccessToken> {
  const text = HEADER.exec(request.get("authorization") ?? "")?.[1];
  const found = text === undefined ? null : await store.run(usedToken, text, clock.now());
  if (found === null)
    throw new DeskhandError(
      "input.unverified",
      "send a token that holds, as Authorization: Bearer dk_…; this one is missing, unknown, expired or revoked",
    );
  return found;
}

/** Why a token is off although it has not ended: who made a machine's has to be a lead still. Null where it is on. */
export function whyOff({ email, madeBy }: AccessToken, policy: BearerParts["policy"]) {
  const isOn = email !== null || policy.roleOf({ id: `api:${madeBy}`, email: madeBy }) === "lead";
  return isOn ? null : "off, since who made it for a machine is no lead any more";
}

function tokenHolder(token: AccessToken, { policy }: BearerParts): Bearer {
  const { email, name, label } = token;
  const off = whyOff(token, policy);
  if (off !== null) throw new DeskhandError("input.forbidden", `this token is ${off}`);
  if (email === null) return { kind: "machine", name: label, token };
  const teammate = { id: `api:${email}`, name: name ?? email, email, eligible: true };
  const role = policy.roleOf(teammate);
  if (role === null)
    throw new DeskhandError("input.forbidden", "the policy gives your address no role");
  return { kind: "person", teammate, role, token };
}
