/** How a stranger may try to open the card beside a ticket: what Zendesk did not sign, for us, just now and once. */
import { generateKeyPairSync, randomUUID } from "node:crypto";
import type { Attack, Target } from "./attack.ts";
import { AGENTS, openWith, pageWith, type Forged } from "./bench.ts";

const { sam } = AGENTS;
const STRANGER = generateKeyPairSync("rsa", { modulusLength: 2_048 });

function base64(value: unknown): string {
  return Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString(
    "base64url",
  );
}

function opening(kind: string, name: string, forged: (target: Target) => Forged): Attack {
  return {
    kind,
    name,
    send: async (target) =>
      openWith(target.url, { token: await target.account.token(sam, forged(target)) }),
  };
}

const SIGNED_BY_OTHERS: readonly Attack[] = [
  opening("signature", "another RSA key", () => ({ key: STRANGER.privateKey })),
  opening("algorithm", "the public key as a shared secret", ({ account }) => ({
    header: { alg: "HS256" },
    key: Buffer.from(account.publicPem),
  })),
  ...["RS384", "PS256"].map((alg) =>
    opening("algorithm", `${alg} with the right key`, () => ({ header: { alg } })),
  ),
];

/** Seconds from now. */
const at = (seconds: number): number =>
  Math.floor(Date.parse("2026-03-02T10:00:00Z") / 1_000) + seconds;

const CLAIMS: readonly (readonly [kind: string, name: string, (target: Target) => object])[] = [
  ["expired", "over for three minutes", () => ({ iat: at(-240), exp: at(-181) })],
  ["expired", "without an end", () => ({ exp: undefined })],
  ["age", "signed thirteen minutes ago", () => ({ iat: at(-780), exp: at(60) })],
  ["age", "without a time of signing", () => ({ iat: undefined })],
  ["age", "signed in three minutes", () => ({ iat: at(181), exp: at(400) })],
  ["age", "not valid before three minutes", () => ({ nbf: at(181), exp: at(400) })],
  ["audience", "no audience", () => ({ aud: undefined })],
  ["audience", "another installation", (t) => ({ aud: installation(t, "4712.json") })],
  ["audience", "ours with more behind it", (t) => ({ aud: installation(t, "4711.json?x=1") })],
  ["audience", "ours below another host", () => ({ aud: installationAt("https://evil.test") })],
  ["issuer", "no issuer", () => ({ iss: undefined })],
  ["issuer", "another account", () => ({ iss: "other.zendesk.com" })],
  [
    "issuer",
    "a host that begins like ours",
    (t) => ({ iss: `${new URL(t.account.url).host}.evil.test` }),
  ],
  ["subject", "nobody", () => ({ sub: undefined })],
  ["subject", "me", (t) => ({ sub: `${t.account.url}/api/v2/users/me.json` })],
  ["subject", "the user 0", (t) => ({ sub: `${t.account.url}/api/v2/users/0.json` })],
  [
    "subject",
    "a path behind the number",
    (t) => ({ sub: `${t.account.url}/api/v2/users/9/../101` }),
  ],
  ["subject", "a query behind the number", (t) => ({ sub: `${t.account.url}/api/v2/users/101?x` })],
  [
    "subject",
    "a host that begins like ours",
    (t) => ({ sub: `${t.account.url}.evil.test/api/v2/users/101` }),
  ],
  [
    "subject",
    "a number without an end",
    (t) => ({ sub: `${t.account.url}/api/v2/users/${"1".repeat(40)}` }),
  ],
  ["once", "without a name of its own", () => ({ jti: undefined })],
  ["once", "with an empty name", () => ({ jti: "" })],
  ["once", "with a name without an end", () => ({ jti: "j".repeat(5_000) })],
  ["place", "signed for the navigation bar", () => ({ context: { location: "nav_bar" } })],
  ["place", "signed for another product", () => ({ context: { product: "chat" } })],
];

function installation({ account }: Target, name: string): string {
  return `${account.url}/api/v2/apps/installations/${name}`;
}

function installationAt(origin: string): string {
  return `${origin}/api/v2/apps/installations/4711.json`;
}

const FALSE_CLAIMS = CLAIMS.map(([kind, name, claims]) =>
  opening(kind, name, (target) => ({ claims: { ...claims(target) } })),
);

/** A token that Zendesk signed, changed on its way. */
function changed(
  name: string,
  change: (parts: readonly [string, string, string]) => string,
): Attack {
  return {
    kind: "altered",
    name,
    async send({ url, account }) {
      const [head = "", body = "", signature = ""] = (await account.token(sam)).split(".");
      return openWith(url, { token: change([head, body, signature]) });
    },
  };
}

const ALTERED: readonly Attack[] = [
  changed("no algorithm", ([, body]) => `${base64({ alg: "none" })}.${body}.`),
  changed("another person in it", ([head, body, by]) => {
    const claims: unknown = JSON.parse(Buffer.from(body, "base64url").toString());
    return `${head}.${base64({ ...Object(claims), sub: "x" })}.${by}`;
  }),
  changed(
    "one character of the signature",
    ([head, body, by]) => `${head}.${body}.${by.startsWith("A") ? "B" : "A"}${by.slice(1)}`,
  ),
  changed("nothing", () => ""),
  changed("nine thousand characters", () => "a".repeat(9_000)),
];

/** What is done with a right token. */
function holding(
  name: string,
  send: (url: string, token: string) => Promise<Response>,
  kind = "way in",
): Attack {
  return { kind, name, send: async ({ url, account }) => send(url, await account.token(sam)) };
}

const OTHERWISE: readonly Attack[] = [
  holding("the token in the address of a form", (url, token) =>
    fetch(`${url}/zendesk/app?token=${token}`, { method: "POST" }),
  ),
  holding("two tokens", (url, token) =>
    fetch(`${url}/zendesk/app`, {
      method: "POST",
      body: new URLSearchParams([
        ["token", token],
        ["token", token],
      ]),
    }),
  ),
  holding("the token as JSON", (url, token) =>
    fetch(`${url}/zendesk/app`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ token }),
    }),
  ),
  holding("the token as the bearer", (url, token) => pageWith(url, token).get("/state")),
  holding(
    "a form of twenty kilobytes",
    (url, token) => openWith(url, { token, more: "x".repeat(20_000) }),
    "size",
  ),
  {
    kind: "replay",
    name: "the same name for another agent",
    async send({ url, account }) {
      const claims = { jti: randomUUID() };
      await openWith(url, { token: await account.token(sam, { claims }) });
      return openWith(url, { token: await account.token(AGENTS.lea, { claims }) });
    },
  },
  {
    kind: "replay",
    name: "the same name under another time",
    async send({ url, account }) {
      const claims = { jti: randomUUID() };
      await openWith(url, { token: await account.token(sam, { claims }) });
      const later = { ...claims, exp: at(120) };
      return openWith(url, { token: await account.token(sam, { claims: later }) });
    },
  },
  {
    kind: "role",
    name: "an agent whom the account does not know",
    send: async ({ url, account }) => openWith(url, { token: await account.token({ id: 999 }) }),
  },
];

export const OPENING_ATTACKS: readonly Attack[] = [
  ...SIGNED_BY_OTHERS,
  ...FALSE_CLAIMS,
  ...ALTERED,
  ...OTHERWISE,
];
