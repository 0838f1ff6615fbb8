/** Who sends a request with an access token, and whether it may do what it asks for. */

import type { Request } from "express";
import type { DeskTeammate } from "#core/contracts/approval-desk.ts";
import { DeskhandError } from "#core/values/errors.ts";
import type { Role } from "#core/values/vocabulary.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import {
  PERSONAL_SCOPES,
  usedToken,
  type AccessToken,
  type TokenScope,
} from "#store/identity/access-tokens.ts";

/** What a caller's token is known by. */
type BearerToken = Pick<AccessToken, "id" | "scopes">;

/** A teammate, with the role that the policy gives their address now, or a machine, which may never decide. */
export type Bearer =
  | {
      readonly kind: "person";
      readonly teammate: DeskTeammate & { readonly email: string };
      readonly role: Role;
      readonly token: BearerToken;
    }
  | { readonly kind: "machine"; readonly name: string; readonly token: BearerToken };

/** `Authorization: Bearer dk_…` (RFC 6750, section 2.1); a token is read from nowhere else. */
const HEADER = /^Bearer (dk_[\w-]{43})$/i;

/** What a caller is looked up in. */
type BearerParts = Pick<JobContext, "store" | "clock" | "policy">;

/**
 * The sender of a request whose token has this scope, or any for null. Throws `input.unverified` without a token that
 * holds, and `input.forbidden` where the token, or the person's role now, does not reach.
 */
export async function readBearer(
  parts: BearerParts,
  request: Request,
  scope: TokenScope | null,
): Promise<Bearer> {
  const bearer = tokenHolder(await heldToken(parts, request), parts);
  if (scope === null) return bearer;
  if (bearer.kind === "machine" && PERSONAL_SCOPES.includes(scope))
    throw new DeskhandError("input.forbidden", "a machine's token may not do this");
  if (!bearer.token.scopes.includes(scope))
    throw new DeskhandError(
      "input.forbidden",
      `this token lacks the scope ${scope}; make one that has it under Policy, Access`,
    );
  return bearer;
}

async function heldToken({ store, clock }: BearerParts, request: Request): Promise<AccessToken> {
  const text = HEADER.exec(request.get("authorization") ?? "")?.[1];
  const found =
    text === undefined
      ? null
      : await store.run((transaction) => usedToken(transaction, text, clock.now()));
  if (found === null)
    throw new DeskhandError(
      "input.unverified",
      "send a token that holds, as Authorization: Bearer dk_…; this one is missing, unknown, expired or revoked",
    );
  return found;
}

function tokenHolder(
  { id, scopes, email, name, label }: AccessToken,
  { policy }: BearerParts,
): Bearer {
  const token = { id, scopes };
  if (email === null) return { kind: "machine", name: label, token };
  const teammate = { id: `api:${email}`, name: name ?? email, email, eligible: true };
  const role = policy.roleOf(teammate);
  if (role === null)
    throw new DeskhandError("input.forbidden", "the policy gives your address no role");
  return { kind: "person", teammate, role, token };
}
