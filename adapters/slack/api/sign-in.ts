/** Sign in with Slack: OpenID Connect by authorization code, for members of the team's workspace or organisation. */

import { createHash } from "node:crypto";
import { decodeJwt } from "jose";
import { z } from "zod";
import { isSameText } from "#core/connection/signing-keys.ts";
import { DeskhandError } from "#core/values/errors.ts";
import type { Clock, SignInTry, TeamSignIn } from "#core/contracts/ports.ts";
import type { Call } from "./web-api.ts";
import { isActivePerson, isAtHome, type Workspace } from "./workspace.ts";

const SLACK = "https://slack.com";
/** Clocks of two machines are seldom the same. */
const SKEW_MS = 60_000;

/** The app's own credentials, as Slack shows them under "Basic information". */
export interface SignInApp {
  readonly clientId: string;
  readonly clientSecret: string;
}

const TokenAnswer = z.object({ id_token: z.string().min(1).max(20_000) });

/** The fields we use of the statement; Slack names its own with its address in front. */
const Statement = z.object({
  iss: z.literal(SLACK),
  aud: z.string(),
  /** In seconds. */
  exp: z.number(),
  nonce: z.string(),
  email: z.email().max(254),
  email_verified: z.literal(true),
  name: z.string().max(300).default(""),
  /** The person's id in Slack. */
  sub: z.string(),
  "https://slack.com/team_id": z.string(),
});

/**
 * The code is exchanged over TLS directly with Slack, so the statement that comes back needs no signature to be Slack's
 * (OpenID Connect Core 3.1.3.7); that it is for us, for this try and not over is checked here. Who is
 * ours says the directory, as for a click.
 */
export function slackSignIn({
  call,
  workspace,
  app,
  apiUrl,
  clock,
}: {
  readonly call: Call;
  readonly workspace: Pick<Workspace, "self" | "user">;
  readonly app: SignInApp;
  /** Web API of another server, whose origin then takes Slack's place. */
  readonly apiUrl?: string | undefined;
  readonly clock: Clock;
}): TeamSignIn {
  const origin = apiUrl === undefined ? SLACK : new URL(apiUrl).origin;
  return {
    async begin({ state, nonce, verifier, redirectUri }) {
      const { teamId: team, organisation } = await workspace.self();
      const address = new URL("/openid/connect/authorize", origin);
      address.search = new URLSearchParams({
        response_type: "code",
        scope: "openid email profile",
        client_id: app.clientId,
        redirect_uri: redirectUri,
        state,
        nonce,
        code_challenge: createHash("sha256").update(verifier).digest("base64url"),
        code_challenge_method: "S256",
        // Slack then offers no other workspace to a person who is a member of several.
        ...(organisation === null ? { team } : {}),
      }).toString();
      return address.href;
    },
    async finish(code, attempt) {
      const { id_token: token } = await exchanged(call, app, code, attempt);
      const expected = { clientId: app.clientId, nonce: attempt.nonce, now: clock.now() };
      const { sub, email, name, "https://slack.com/team_id": team } = statementIn(token, expected);
      const [user, self] = [await workspace.user(sub, "quick"), await workspace.self()];
      if (user === null || !isAtHome(user, self, [team]))
        throw refused("You are signed in to another workspace than this team's.");
      if (!isActivePerson(user)) throw refused("You are no active member of this team.");
      return { email, name: name.trim() === "" ? email : name };
    },
  };
}

/** A code works once, so it is not sent a second time by itself. */
async function exchanged(
  call: Call,
  { clientId, clientSecret }: SignInApp,
  code: string,
  { redirectUri, verifier }: SignInTry,
): Promise<z.output<typeof TokenAnswer>> {
  try {
    return await call(
      "once",
      "openid.connect.token",
      {
        grant_type: "authorization_code",
        client_id: clientId,
        client_secret: clientSecret,
        code,
        redirect_uri: redirectUri,
        code_verifier: verifier,
      },
      TokenAnswer,
    );
  } catch (cause) {
    if (cause instanceof DeskhandError && cause.code === "channel.refused")
      throw refused("Slack did not confirm this sign-in. Try again.", cause);
    throw new DeskhandError(
      "channel.unavailable",
      "Slack does not answer, so it cannot say who you are.",
      { cause },
    );
  }
}

/** What Slack states; refuses a statement that is not meant for us, or is over. */
function statementIn(
  token: string,
  expected: { readonly clientId: string; readonly nonce: string; readonly now: Date },
): z.output<typeof Statement> {
  const statement = Statement.safeParse(tokenClaims(token));
  if (!statement.success)
    throw refused("Slack did not confirm your e-mail address.", statement.error);
  const { aud, exp, nonce } = statement.data;
  if (aud !== expected.clientId || !isSameText(nonce, expected.nonce))
    throw refused("This sign-in was not asked for here. Try again.");
  if (exp * 1_000 + SKEW_MS < expected.now.getTime())
    throw refused("This sign-in is over. Try again.");
  return statement.data;
}

function tokenClaims(token: string): unknown {
  try {
    return decodeJwt(token);
  } catch {
    return null;
  }
}

function refused(words: string, cause?: unknown): DeskhandError {
  return new DeskhandError("input.unverified", words, { cause });
}
