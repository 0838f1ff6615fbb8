/**
 * The OAuth sign-in of the bot's own agent: Zendesk's page in a browser sends a code to an address of this machine
 * (RFC 8252), which is exchanged here. PKCE (RFC 7636) and `state` keep a code of another sign-in from counting.
 */
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { isSameText } from "#core/connection/signing-keys.ts";
import { requestToken } from "#core/connection/oauth-token.ts";
import type { Clock } from "#core/contracts/ports.ts";
import { invalidConfig, reasonOf } from "#core/values/errors.ts";
import { type ZendeskClient, zendeskClient } from "#zendesk/api/client.ts";
import { z } from "zod";
import { ownUser, writerProblem } from "./permissions.ts";

/** The port of the address that has to be among the client's redirect URLs. */
export const SIGN_IN_PORT = 8_765;
const PATH = "/zendesk";
const HOST = "127.0.0.1";
const SCOPE = "read write";
const EXCHANGE_MS = 20_000;
/** The answer to the browser is out by then. */
const CLOSE_MS = 1_000;

/** The address that Zendesk sends the browser to. */
export function redirectAddress(port = SIGN_IN_PORT): string {
  return `http://${HOST}:${port}${PATH}`;
}

const OwnToken = z.object({ token: z.object({ id: z.int() }) });

interface SignInOptions {
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly port: number;
  /** Is told the page to open once its answer can be taken. */
  readonly show: (page: string) => void;
  /** How long to wait for the person at the browser. */
  readonly waitMs: number;
  readonly clock: Clock;
}

/** The first refresh token of the bot's agent, and its address. Throws `config.invalid` when there is none to be had. */
export async function signInWriter(
  options: SignInOptions,
): Promise<{ readonly refreshToken: string; readonly email: string }> {
  const { clientId, clientSecret, clock, port } = options;
  const account = options.url.replace(/(?<!\/)\/+$/, "");
  const verifier = randomBytes(32).toString("base64url");
  const code = await codeFromBrowser(account, verifier, options);
  const endpoint = {
    url: `${account}/oauth/tokens`,
    clientId,
    clientSecret,
    scope: SCOPE,
  } as const;
  const signal = AbortSignal.timeout(EXCHANGE_MS);
  const grant = { code, redirectUri: redirectAddress(port), verifier };
  const reply = await requestToken({ ...endpoint, credentialsIn: "body" }, grant, {
    clock,
    signal,
  });
  if (reply.kind === "unanswered")
    throw invalidConfig(`${account} did not answer: ${reasonOf(reply.cause)}`);
  // The description may quote the secret.
  if (reply.kind === "refused")
    throw invalidConfig(
      `Zendesk gives no token (${reply.error ?? `HTTP ${reply.status}`}): compare the client's identifier and secret`,
    );
  if (reply.refresh === null)
    throw invalidConfig("Zendesk gave no refresh token: is the client's kind Confidential?");
  const client = zendeskClient({ url: account, token: async () => reply.access, clock });
  const user = await ownUser({ client, signal });
  const wrong = writerProblem(user);
  if (wrong !== null) {
    const revoked = await revokeToken(client, signal).then(
      () => "its token was revoked",
      (error: unknown) => `revoke its token in Admin Center (${reasonOf(error)})`,
    );
    throw invalidConfig(`${wrong}; ${revoked}. Sign in to Zendesk as the bot's own agent`);
  }
  return { refreshToken: reply.refresh, email: user.email ?? "no address" };
}

/** Ends the token the client has, and with it the refresh token that came along. */
async function revokeToken(client: ZendeskClient, signal: AbortSignal): Promise<void> {
  const { token } = await client.get(({ oauthtokens }) => oauthtokens.current(), OwnToken, signal);
  await client.write(({ oauthtokens }) => oauthtokens.revoke(token.id), z.unknown(), signal);
}

/** Waits for the browser to come back with a code under the `state` that was sent along. */
async function codeFromBrowser(
  account: string,
  verifier: string,
  { clientId, port, show, waitMs }: SignInOptions,
): Promise<string> {
  const state = randomBytes(32).toString("base64url");
  const page = new URL(`${account}/oauth/authorizations/new`);
  page.search = new URLSearchParams({
    response_type: "code",
    client_id: clientId,
    redirect_uri: redirectAddress(port),
    scope: SCOPE,
    state,
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
  }).toString();
  const answered = Promise.withResolvers<string>();
  const server = createServer((request, response) => {
    const asked = URL.parse(request.url ?? "", redirectAddress(port));
    if (request.method !== "GET" || asked?.pathname !== PATH)
      return answer(response, 404, "Not here.");
    if (!isSameText(asked.searchParams.get("state") ?? "", state))
      return answer(response, 400, "This is not the sign-in that was begun here.");
    const code = asked.searchParams.get("code");
    if (code === null) answered.reject(invalidConfig("the sign-in was refused in the browser"));
    else answered.resolve(code);
    answer(response, 200, "You may close this window and go back to the terminal.");
  });
  const limit = AbortSignal.timeout(waitMs);
  limit.onabort = () =>
    answered.reject(invalidConfig("the bot's agent did not sign in in time; begin again"));
  try {
    server.listen(port, HOST);
    await once(server, "listening").catch((error: unknown) => {
      throw invalidConfig(
        `port ${port} cannot be listened on (${reasonOf(error)}); say another --port`,
      );
    });
    show(page.href);
    return await answered.promise;
  } finally {
    limit.onabort = null;
    server.close();
    // A browser may have opened a connection ahead that it never used.
    setTimeout(() => server.closeAllConnections(), CLOSE_MS).unref();
  }
}

function answer(response: ServerResponse, status: number, words: string): void {
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8", connection: "close" });
  response.end(`${words}\n`);
}
