/** Whose token counts: several secrets while a shop changes over, public keys, and every way to forge one. */
import assert from "node:assert/strict";
import { createHmac, generateKeyPairSync, type KeyObject } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { SignJWT } from "jose";
import { type TokenRules, verifyChatToken, publicKeysIn } from "#adapters/chat/identity.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { readConfig } from "#config/environment.ts";
import { RULES, SECRET } from "./chat-server.ts";
import { configuredChatAccess } from "#connections/sign-ins.ts";

const NOW = new Date("2026-11-20T12:00:00Z");
const AT = NOW.getTime() / 1_000;
const OLD = "the secret before, of at least 32 characters";
const shop = generateKeyPairSync("rsa", { modulusLength: 2_048 });
const next = generateKeyPairSync("rsa", { modulusLength: 2_048 });
const PEM = shop.publicKey.export({ type: "spki", format: "pem" }).toString();
const jwk = (key: KeyObject, more: object) => ({ ...key.export({ format: "jwk" }), ...more });
const JWKS = JSON.stringify({
  keys: [jwk(shop.publicKey, { kid: "2025" }), jwk(next.publicKey, { kid: "2026", use: "sig" })],
});

interface Made {
  readonly alg?: string;
  readonly kid?: string;
  readonly key?: string | KeyObject;
  readonly claims?: Readonly<Record<string, unknown>>;
}

function token({ alg = "HS256", kid, key = SECRET, claims = {} }: Made): Promise<string> {
  return new SignJWT({ sub: "u123", exp: AT + 60, ...claims })
    .setProtectedHeader({ alg, ...(kid === undefined ? {} : { kid }) })
    .sign(typeof key === "string" ? new TextEncoder().encode(key) : key);
}

/** A token written by hand, as no library would. */
function forged(header: object, sign: (text: string) => string, claims: object = {}): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const text = `${part(header)}.${part({ sub: "u123", exp: AT + 60, ...claims })}`;
  return `${text}.${sign(text)}`;
}
const hmac = (key: string) => (text: string) =>
  createHmac("sha256", key).update(text).digest("base64url");

const verify = async (rules: Partial<TokenRules>, made: string) =>
  (await verifyChatToken(`Bearer ${made}`, { ...RULES, ...rules }, NOW))?.subject;

async function refuses(rules: Partial<TokenRules>, made: string, why: string): Promise<void> {
  await assert.rejects(
    verify(rules, made),
    (error) => error instanceof DeskhandError && error.code === "input.unverified",
    why,
  );
}

test("while a shop changes over, tokens of the old and of the new secret count, whatever key id they name", async () => {
  const both = { secrets: [SECRET, OLD] };
  assert.equal(await verify(both, await token({})), "u123");
  assert.equal(await verify(both, await token({ key: OLD, kid: "anything" })), "u123");
  await refuses({ secrets: [SECRET] }, await token({ key: OLD }), "the old one after the change");
  await refuses({ secrets: [] }, await token({}), "no secret counts");
});

test("RS256 counts with a key of the file, chosen by its id or tried when the token names none", async () => {
  const pem = { secrets: [], publicKeys: publicKeysIn(PEM) };
  const set = { secrets: [], publicKeys: publicKeysIn(JWKS) };
  const by = (key: KeyObject, kid?: string) =>
    token({ alg: "RS256", key, ...(kid === undefined ? {} : { kid }) });
  assert.equal(await verify(pem, await by(shop.privateKey)), "u123");
  assert.equal(await verify(pem, await by(shop.privateKey, "a-name-of-the-shop's")), "u123");
  assert.equal(await verify(set, await by(next.privateKey, "2026")), "u123");
  assert.equal(await verify(set, await by(next.privateKey)), "u123");
  await refuses(set, await by(shop.privateKey, "2026"), "another key than it names");
  await refuses(set, await by(shop.privateKey, "../../etc/passwd"), "a key id is no path");
  await refuses(pem, await by(next.privateKey), "a strange key");
});

test("without a header no identity is proven; what is no token is refused, never taken for none", async () => {
  for (const none of [undefined, ""]) assert.equal(await verifyChatToken(none, RULES, NOW), null);
  for (const header of ["Bearer", "Basic dTE6cA==", "Bearer a.b.c"])
    await assert.rejects(verifyChatToken(header, RULES, NOW), { code: "input.unverified" }, header);
  for (const claims of [{ exp: undefined }, { sub: undefined }, { sub: "" }])
    await refuses({}, await token({ claims }), JSON.stringify(claims));
});

test("forged tokens of every kind are refused", async () => {
  const rules = { secrets: [SECRET], publicKeys: publicKeysIn(PEM) };
  const der = shop.publicKey.export({ type: "spki", format: "der" }).toString("latin1");
  const jwkText = JSON.stringify(shop.publicKey.export({ format: "jwk" }));
  for (const key of [PEM, PEM.trim(), `${PEM}\n`, der, jwkText, "", "null", "undefined"])
    await refuses(rules, forged({ alg: "HS256" }, hmac(key)), "a public key is no secret");
  for (const alg of ["none", "None", "NONE", "nOnE", "", "HS384", "HS512", "PS256", "ES256"])
    await refuses(rules, forged({ alg }, hmac(SECRET)), alg);
  await refuses(
    rules,
    forged({ alg: "none" }, () => "x"),
    "none",
  );
  await refuses(
    rules,
    forged({ alg: "none" }, () => ""),
    "nothing signed",
  );
  await refuses(rules, forged({}, hmac(SECRET)), "no algorithm");
  await refuses(rules, forged({ alg: "RS256" }, hmac(SECRET)), "a hash is no signature");
  const own = generateKeyPairSync("rsa", { modulusLength: 2_048 });
  for (const more of [
    { jwk: own.publicKey.export({ format: "jwk" }) },
    { jku: "http://127.0.0.1:1/keys" },
    { x5u: "http://127.0.0.1:1/keys" },
    { kid: "' or 1=1 --" },
  ]) {
    const made = await new SignJWT({ sub: "u123", exp: AT + 60 })
      .setProtectedHeader({ alg: "RS256", ...more })
      .sign(own.privateKey);
    await refuses(rules, made, "a token brings no key of its own");
  }
  await refuses(rules, forged({ alg: "HS256", crit: ["x"], x: 1 }, hmac(SECRET)), "crit");
  const good = await token({});
  const [head = "", , signature = ""] = good.split(".");
  const other = Buffer.from(JSON.stringify({ sub: "u456", exp: AT + 60 })).toString("base64url");
  await refuses(rules, `${head}.${other}.${signature}`, "claims that were exchanged");
});

test("time is looked at with a little tolerance, and a token that lives for too long is refused", async () => {
  const at = (claims: Readonly<Record<string, unknown>>) => token({ claims });
  assert.equal(await verify({}, await at({ exp: AT - 20 })), "u123");
  assert.equal(await verify({}, await at({ nbf: AT + 20 })), "u123");
  assert.equal(await verify({}, await at({ exp: AT + 3_600 })), "u123");
  await refuses({}, await at({ exp: AT - 40 }), "over");
  await refuses({}, await at({ nbf: AT + 40 }), "not yet");
  await refuses({}, await at({ exp: AT + 3_700 }), "longer than an hour from now");
  await refuses({}, await at({ iat: AT - 3_700, exp: AT + 60 }), "made to live longer");
  await refuses({}, await at({ iat: AT + 9_000, exp: AT + 9_060 }), "not begun");
  await refuses({}, await at({ iat: AT + 120, exp: AT + 180 }), "from the future");
  await refuses({}, await at({ exp: 1e300 }), "for ever");
  for (const exp of ["9999999999", null, true, [AT + 60]])
    await refuses({}, forged({ alg: "HS256" }, hmac(SECRET), { exp }), "exp");
});

test("audience and issuer are looked at when they are set, and only then", async () => {
  const rules = { audience: "support", issuer: "https://shop.example" };
  const right = { aud: ["shop", "support"], iss: "https://shop.example" };
  assert.equal(await verify(rules, await token({ claims: right })), "u123");
  assert.equal(await verify({}, await token({ claims: { aud: "x", iss: "y" } })), "u123");
  await refuses(rules, await token({ claims: { ...right, aud: "admin" } }), "audience");
  await refuses(
    rules,
    await token({ claims: { ...right, iss: "https://evil.example" } }),
    "issuer",
  );
  await refuses(rules, await token({}), "neither");
});

test("a file of keys holds RSA public keys of 2048 bits and nothing else", () => {
  const short = generateKeyPairSync("rsa", { modulusLength: 1_024 });
  const curve = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const pemOf = (key: KeyObject, type: "spki" | "pkcs8") =>
    key.export({ type, format: "pem" }).toString();
  for (const [text, why] of [
    [pemOf(shop.privateKey, "pkcs8"), /private key/],
    [pemOf(short.publicKey, "spki"), /2048 bits/],
    [pemOf(curve.publicKey, "spki"), /no RSA key/],
    [JSON.stringify({ keys: [jwk(shop.privateKey, {})] }), /private key/],
    [JSON.stringify({ keys: [jwk(curve.publicKey, {})] }), /no RSA key/],
    [JSON.stringify({ keys: [jwk(shop.publicKey, { use: "enc" })] }), /not for signatures/],
    [JSON.stringify({ keys: [jwk(shop.publicKey, { alg: "RS512" })] }), /not for RS256/],
    [JSON.stringify({ keys: [{ kty: "oct", k: "c2VjcmV0" }] }), /no RSA key/],
    ["{}", /no set of RSA public keys/],
    ["", /no JWKS/],
  ] as const)
    assert.throws(() => publicKeysIn(text), why, text.slice(0, 60));
  assert.equal(publicKeysIn(`${PEM}\n${pemOf(next.publicKey, "spki")}`).length, 2);
});

test("the environment says whose tokens count, and a file that cannot be read is named at the start", (context) => {
  const folder = mkdtempSync(join(tmpdir(), "deskhand-keys-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "keys.pem");
  writeFileSync(file, PEM);
  const made = "made by this installation, 32 characters and more";
  const access = (environment: Record<string, string>, secret = made) =>
    configuredChatAccess(readConfig(environment), secret);
  assert.deepEqual(access({}).tokens, { ...RULES, secrets: [made], lifetimeMsMax: 86_400_000 });
  const all = access(
    {
      CHAT_IDENTITY_SECRET: SECRET,
      CHAT_IDENTITY_KEYS: file,
      CHAT_IDENTITY_AUDIENCE: "support",
      CHAT_IDENTITY_ISSUER: "https://shop.example",
      CHAT_IDENTITY_HOURS_MAX: "1",
      CHAT_ORIGINS: "https://shop.example, http://localhost:8080",
    },
    SECRET,
  );
  assert.deepEqual(all.tokens.secrets, [SECRET]);
  assert.equal(all.tokens.publicKeys.length, 1);
  assert.equal(all.tokens.lifetimeMsMax, 3_600_000);
  assert.deepEqual([...all.origins], ["https://shop.example", "http://localhost:8080"]);
  const real = {
    SHOP_URL: "http://127.0.0.1:1",
    SHOP_KEY: "x",
    DESKHAND_POLICY: "p.yaml",
    ...SLACK,
  };
  assert.deepEqual(access({ ...real, CHAT_IDENTITY_KEYS: file }).tokens.secrets, []);
  assert.throws(
    () => access({ CHAT_IDENTITY_KEYS: join(folder, "none.pem") }),
    /CHAT_IDENTITY_KEYS: ENOENT/,
  );
});

const SLACK = {
  SLACK_BOT_TOKEN: "x",
  SLACK_APP_TOKEN: "x",
  SLACK_APPROVALS_CHANNEL: "C1",
  SLACK_ALERTS_CHANNEL: "C2",
};
