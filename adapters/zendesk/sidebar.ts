/** The app beside a ticket: what Zendesk signed when it opened the page, and who the agent is. */

import { createPublicKey, type KeyObject } from "node:crypto";
import { jwtVerify } from "jose";
import { z } from "zod";
import { cachedLookUp } from "#core/connection/rate-limit.ts";
import type { HelpdeskAgent, SidebarOpening, TicketSidebar } from "#core/contracts/channel.ts";
import { DeskhandError, invalidConfig } from "#core/values/errors.ts";
import { type Ask, zendeskClient } from "#zendesk/api/client.ts";
import { User } from "#zendesk/api/schema.ts";
import type { ReadingOptions, SidebarApp } from "./options.ts";

/** Clocks of Zendesk and of this machine may differ by so much. */
const SKEW_S = 120;

/** Zendesk signs while it opens the page, so a token that is older was kept by another program. */
const TOKEN_AGE_S = 600;

/** RFC 7518, section 3.3: a key of 2048 bits or larger must be used with RS256. */
const KEY_BITS_MIN = 2_048;

/** A person who left the team is refused within this time. */
const AGENT_KNOWN_MS = 60_000;

/** An agent of a large account; a look-up takes one call. */
const LOOK_UP_MS = 8_000;

/** "Authenticating Zendesk in your server-side app": only what was signed for the app's place counts. */
const Claims = z.looseObject({
  sub: z.string().max(300),
  jti: z.string().min(1).max(200),
  context: z
    .looseObject({
      product: z.literal("support").optional(),
      location: z.literal("ticket_sidebar").optional(),
    })
    .optional(),
});

const AgentAnswer = z.object({
  user: User.extend({
    active: z.boolean().nullish(),
    /** An agent of another account, with whom tickets are shared. */
    shared_agent: z.boolean().nullish(),
  }),
});
type AgentRow = z.infer<typeof AgentAnswer>["user"];

/** "User identities": what a user is known by, each proven or not. A user counts as verified when any of these is. */
const Identity = z.object({
  type: z.string(),
  value: z.string().nullish(),
  primary: z.boolean().nullish(),
  verified: z.boolean().nullish(),
  /** `shared` is an address of several people. */
  ownership: z.string().nullish(),
});
type Identity = z.infer<typeof Identity>;

/**
 * The public key of an app: the file that the Apps API gives (`public_key.pem`), or its body on one line. Throws
 * `config.invalid` for what is no RSA key of 2048 bits or more.
 */
export function sidebarKey(text: string): KeyObject {
  const body = text.replaceAll(/-----[A-Z ]+-----/g, "").replaceAll(/\\n|\s/g, "");
  try {
    // A public key alone: what a private key would give away has no place in a setting that is no secret.
    const key = createPublicKey({
      key: Buffer.from(body, "base64"),
      format: "der",
      type: "spki",
    });
    const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
    if (key.asymmetricKeyType === "rsa" && bits >= KEY_BITS_MIN) return key;
  } catch {
    // The same sentence as for a key of another kind.
  }
  throw invalidConfig(
    "ZENDESK_APP_PEM: is no public RSA key of 2048 bits or more; `init zendesk` shows the app's",
  );
}

/** The sidebar of an account in which the app is installed. Throws `config.invalid` for a wrong key. */
export function zendeskSidebar(
  options: ReadingOptions & { readonly app: SidebarApp },
): TicketSidebar {
  const { app, clock, timeoutMs = LOOK_UP_MS } = options;
  const { origin, host } = new URL(options.url);
  const key = sidebarKey(app.publicKey);
  const installation = `${origin}/api/v2/apps/installations/${app.installation}`;
  const client = zendeskClient({ ...options, token: options.writerToken, timeoutMs });
  const agents = cachedLookUp<HelpdeskAgent | null>(clock, AGENT_KNOWN_MS);
  return {
    channel: "zendesk",
    origin,
    script: app.script ?? SDK,
    async opened(token) {
      const verified = await jwtVerify(token, key, {
        algorithms: ["RS256"],
        audience: [`${installation}.json`, installation],
        issuer: [host, origin],
        clockTolerance: SKEW_S,
        maxTokenAge: TOKEN_AGE_S,
        requiredClaims: ["aud", "iss", "sub", "jti", "iat", "exp"],
        currentDate: clock.now(),
      }).catch((cause: unknown) => {
        throw notOpened(cause);
      });
      return openingIn(verified.payload, origin);
    },
    agent: (userId) =>
      agents(userId, async () => {
        const [id, signal] = [Number(userId), AbortSignal.timeout(timeoutMs)];
        const found = await client.find(({ users }) => users.show(id), AgentAnswer, signal);
        if (found === null || !isActiveAgent(found.user, userId)) return null;
        const ask: Ask = ({ useridentities }) => useridentities.list(id);
        return provenAgent(
          found.user,
          await client.list(ask, Identity, signal, { mayBeWhole: true }),
        );
      }),
  };
}

/** Zendesk's own, which it keeps up to date under this address. */
const SDK = "https://static.zdassets.com/zendesk_app_framework_sdk/2.0/zaf_sdk.min.js";

function openingIn(payload: unknown, origin: string): SidebarOpening {
  const claims = Claims.safeParse(payload);
  if (!claims.success) throw notOpened(claims.error);
  const { sub, jti } = claims.data;
  const start = `${origin}/api/v2/users/`;
  const userId = sub.startsWith(start)
    ? /^([1-9]\d{0,15})(?:\.json)?$/.exec(sub.slice(start.length))?.[1]
    : undefined;
  if (userId === undefined) throw notOpened();
  return { userId, id: `${origin} ${jti}` };
}

function isActiveAgent(user: AgentRow, userId: string): boolean {
  const isStaff = user.role === "agent" || user.role === "admin";
  const isOn = user.active !== false && user.suspended !== true && user.shared_agent !== true;
  return isStaff && isOn && String(user.id) === userId;
}

/** Their address counts only where it is their primary identity, and this one was proven: a role goes by it. */
function provenAgent(user: AgentRow, identities: readonly Identity[]): HelpdeskAgent | null {
  const email = user.email ?? "";
  const isProven = identities.some(
    ({ type, value, primary, verified, ownership }) =>
      type === "email" &&
      primary === true &&
      verified === true &&
      ownership !== "shared" &&
      value?.toLowerCase() === email.toLowerCase(),
  );
  if (!isProven || email === "") return null;
  return { name: user.name.trim() === "" ? email : user.name, email };
}

/** One sentence for whatever is wrong: a stranger learns nothing from it. */
function notOpened(cause?: unknown): DeskhandError {
  return new DeskhandError(
    "input.unverified",
    "Zendesk did not open this page just now. Reload the app beside the ticket.",
    { cause },
  );
}
