/** How a stranger may try to open the card beside a ticket: what Zendesk did not sign, for us, just now and once. */
import { generateKeyPairSync, randomUUID } from "node:crypto";
import type { Attack, Target } from "./attack.ts";
import { AGENTS, openWith, pageWith, type Forged } from "./bench.ts";

const { sam } = AGENTS;
const STRANGER = generateKeyPairSync("rsa", { modulusLength: 2_048 });
const CURVE = generateKeyPairSync("ec", { namedCurve: "P-256" });
const JWK = STRANGER.publicKey.export({ format: "jwk" });

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
  opening("signature", "another key, named in the header", () => ({
    key: STRANGER.privateKey,
    header: { jwk: JWK },
  })),
  opening("signature", "another key, at an address in the header", () => ({
    key: STRANGER.privateKey,
    header: { jku: "https://evil.test/keys", kid: "1" },
  })),
  opening("signature", "another key, as a certificate's address", () => ({
    key: STRANGER.privateKey,
    header: { x5u: "https://evil.test/c.pem" },
  })),
  opening("signature", "another key, whose name is a path", () => ({
    key: STRANGER.privateKey,
    header: { kid: "../../../dev/null" },
  })),
  opening("algorithm", "the public key as a shared secret", ({ account }) => ({
    header: { alg: "HS256" },
    key: Buffer.from(account.publicPem),
  })),
  opening("algorithm", "the same without its last line", ({ account }) => ({
    header: { alg: "HS256" },
    key: Buffer.from(account.publicPem.trim()),
  })),
  opening("algorithm", "a shared secret of zeros", () => ({
    header: { alg: "HS512" },
    key: new Uint8Array(64),
  })),
  ...["RS384", "RS512", "PS256", "PS512"].map((alg) =>
    opening("algorithm", `${alg} with the right key`, () => ({ header: { alg } })),
  ),
  opening("algorithm", "an elliptic curve", () => ({
    header: { alg: "ES256" },
    key: CURVE.privateKey,
  })),
];

/** Seconds from now. */
const at = (seconds: number): number =>
  Math.floor(Date.parse("2026-03-02T10:00:00Z") / 1_000) + seconds;

const CLAIMS: readonly (readonly [kind: string, name: string, (target: Target) => object])[] = [
  ["expired", "over for three minutes", () => ({ iat: at(-240), exp: at(-181) })],
  ["expired", "over for an hour", () => ({ iat: at(-3_700), exp: at(-3_600) })],
  ["expired", "without an end", () => ({ exp: undefined })],
  ["age", "valid for a year, and signed an hour ago", () => ({ iat: at(-3_600), exp: at(31e6) })],
  ["age", "signed thirteen minutes ago", () => ({ iat: at(-780), exp: at(60) })],
  ["age", "without a time of signing", () => ({ iat: undefined })],
  ["age", "signed in three minutes", () => ({ iat: at(181), exp: at(400) })],
  ["age", "not valid before three minutes", () => ({ nbf: at(181), exp: at(400) })],
  ["audience", "no audience", () => ({ aud: undefined })],
  ["audience", "another installation", (t) => ({ aud: installation(t, "4712.json") })],
  ["audience", "an installation that begins the same", (t) => ({ aud: installation(t, "47110") })],
  ["audience", "ours with more behind it", (t) => ({ aud: installation(t, "4711.json?x=1") })],
  ["audience", "ours below another host", () => ({ aud: installationAt("https://evil.test") })],
  ["audience", "ours in capitals", (t) => ({ aud: installation(t, "4711.JSON") })],
  ["audience", "a list of others", () => ({ aud: ["a", installationAt("https://evil.test")] })],
  ["issuer", "no issuer", () => ({ iss: undefined })],
  ["issuer", "another account", () => ({ iss: "other.zendesk.com" })],
  [
    "issuer",
    "a host that begins like ours",
    (t) => ({ iss: `${new URL(t.account.url).host}.evil.test` }),
  ],
  ["issuer", "the bare domain", () => ({ iss: "zendesk.com" })],
  ["subject", "nobody", () => ({ sub: undefined })],
  [
    "subject",
    "an agent of another account",
    () => ({ sub: "https://evil.test/api/v2/users/101.json" }),
  ],
  ["subject", "a bare number", () => ({ sub: "101" })],
  ["subject", "me", (t) => ({ sub: `${t.account.url}/api/v2/users/me.json` })],
  ["subject", "the user 0", (t) => ({ sub: `${t.account.url}/api/v2/users/0.json` })],
  ["subject", "a negative number", (t) => ({ sub: `${t.account.url}/api/v2/users/-101.json` })],
  [
    "subject",
    "a path behind the number",
    (t) => ({ sub: `${t.account.url}/api/v2/users/9/../101` }),
  ],
  ["subject", "a query behind the number", (t) => ({ sub: `${t.account.url}/api/v2/users/101?x` })],
  ["subject", "a line break", (t) => ({ sub: `${t.account.url}/api/v2/users/101\n` })],
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
  ["place", "signed for a user's sidebar", () => ({ context: { location: "user_sidebar" } })],
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
  changed("no signature", ([head, body]) => `${head}.${body}.`),
  changed("no algorithm", ([, body]) => `${base64({ alg: "none" })}.${body}.`),
  changed(
    "no algorithm, in capitals",
    ([, body, by]) => `${base64({ alg: "NONE" })}.${body}.${by}`,
  ),
  changed("another person in it", ([head, body, by]) => {
    const claims: unknown = JSON.parse(Buffer.from(body, "base64url").toString());
    return `${head}.${base64({ ...Object(claims), sub: "x" })}.${by}`;
  }),
  changed(
    "one character of the signature",
    ([head, body, by]) => `${head}.${body}.${by.startsWith("A") ? "B" : "A"}${by.slice(1)}`,
  ),
  changed("its parts in another order", ([head, body, by]) => `${body}.${head}.${by}`),
  changed("a fourth part", (parts) => [...parts, "x"].join(".")),
  changed("its content twice", ([head, body, by]) => `${head}.${body}${body}.${by}`),
  changed("as JSON", ([head, body, by]) =>
    JSON.stringify({ protected: head, payload: body, signature: by }),
  ),
  changed("a space behind it", (parts) => `${parts.join(".")} x`),
  changed("nothing", () => ""),
  changed("words", () => "let me in"),
  changed("markup", () => "<script>alert(1)</script>"),
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
  holding("the token in the address", (url, token) => fetch(`${url}/zendesk/app?token=${token}`)),
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
  holding(
    "the same token a second time",
    async (url, token) => {
      await openWith(url, { token });
      return openWith(url, { token });
    },
    "replay",
  ),
  {
    kind: "replay",
    name: "the same name under another time",
    async send({ url, account }) {
      const claims = { jti: randomUUID() };
      await openWith(url, { token: await account.token(sam, { claims }) });
      return openWith(url, {
        token: await account.token(sam, { claims: { ...claims, exp: at(120) } }),
      });
    },
  },
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
    kind: "role",
    name: "an agent to whom the policy gives no role",
    send: async ({ url, account }) => openWith(url, { token: await account.token(AGENTS.ned) }),
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
