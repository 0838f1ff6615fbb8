/** Our two identities at the account: whether each may do its work, and how the bot's own agent signs in through a browser. */

import { DeskhandError, reasonOf, invalidConfig } from "#core/values/errors.ts";
import { z } from "zod";
import type { Clock, Log } from "#core/contracts/ports.ts";
import { type Ask, type ZendeskClient, zendeskClient } from "#zendesk/api/client.ts";
import { ExportPage, MeAnswer, TicketsAnswer } from "#zendesk/api/schema.ts";
import { ZendeskFailure } from "#zendesk/api/http-transport.ts";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { isSameText } from "#core/connection/signing-keys.ts";
import { requestToken } from "#core/connection/oauth-token.ts";

/** The user a token belongs to, from `users/me`. */
export type OwnUser = z.infer<typeof MeAnswer>["user"];

/** A client of one of our identities, for one check. */
interface Probe {
  readonly client: ZendeskClient;
  readonly signal: AbortSignal;
}

const AuditsAnswer = z.object({ audits: z.array(z.unknown()) });

/** Zendesk refuses an export from within the last minute. */
const EXPORT_BACK_SECONDS = 300;

/** The HTTP status from Zendesk that caused an error; null when Zendesk did not answer. */
export function failureStatus(error: unknown): number | null {
  const cause = error instanceof DeskhandError ? error.cause : error;
  return cause instanceof ZendeskFailure && cause.status > 0 ? cause.status : null;
}

/** What is wrong with the bot's own agent; null when it can do its work. */
export function writerProblem(user: OwnUser): string | null {
  if (user.id === null)
    return "the writer's token belongs to no user: Zendesk answers as “Anonymous user”. Its OAuth client, token or scope is wrong";
  if (user.role === "end-user")
    return "the writer is a customer: it must be an agent of its own, in the bot's group";
  if (user.suspended === true) return "the writer's agent is suspended";
  if (user.only_private_comments === true)
    return "the writer is a light agent, who may not reply to customers: give it a full agent's seat";
  if (user.role === "admin")
    return `the writer is an admin (${ownUserName(user)}), whose own answers and assignments would be taken for the bot's. Zendesk ties a client to the admin who made it: let the bot's own agent authorize it (docs/zendesk.md, OAuth clients)`;
  return null;
}

/** What is wrong when both credentials act as one user; null when they do not, or the reader is unknown. */
export function sharedUserProblem(writer: number | null, reader: OwnUser | null): string | null {
  if (writer === null || reader?.id !== writer) return null;
  return `the writer and the reader are the same user (${ownUserName(reader)}): the writer must be an agent of its own`;
}

function ownUserName({ name, email }: OwnUser): string {
  return `${name ?? "?"} <${email ?? "no address"}>`;
}

/** Whom the client acts as. */
export async function ownUser({ client, signal }: Probe): Promise<OwnUser> {
  return (await client.get(({ users }) => users.me(), MeAnswer, signal)).user;
}

/** Who the reader is; null for one that may not ask. */
export async function readerSelf(probe: Probe): Promise<OwnUser | null> {
  try {
    return await ownUser(probe);
  } catch (error) {
    if (isFinal(error)) return null;
    throw error;
  }
}

/**
 * Checks the permissions the channel needs, and returns the bot's user id. Throws `config.invalid` with the name of the
 * missing permission; temporary errors are thrown unchanged.
 */
export async function requireWriter(probe: Probe): Promise<number> {
  const user = await ownUser(probe).catch(
    missingPermission("the writer may not ask who it is (scope `read`)"),
  );
  const problem = writerProblem(user);
  if (problem !== null || user.id === null) throw invalidConfig(`Zendesk: ${problem ?? ""}`);
  // A token with a misspelled scope can read `users/me` and nothing else.
  await probeTicketRead(probe).catch(
    missingPermission("the writer may not read tickets and their audits (scope `read`)"),
  );
  return user.id;
}

/** Reads one ticket's line and an audit of it: audits need the whole scope `read`, `tickets:read` is not enough. */
export async function probeTicketRead({ client, signal }: Probe): Promise<void> {
  const one = { "page[size]": 1 };
  const ofTickets: Ask = (account) => account.tickets.list();
  const { tickets } = await client.get(ofTickets, TicketsAnswer, signal, one);
  const [ticket] = tickets;
  if (ticket === undefined) return;
  const ofAudits: Ask = ({ ticketaudits }) => ticketaudits.list(ticket.id);
  // A ticket that was deleted meanwhile is found as null.
  await client.find(ofAudits, AuditsAnswer, signal, one);
}

/**
 * Checks what a start needs of both identities, and returns the bot's user id. A missing permission throws
 * `config.invalid`; a temporary error is only logged, and the id is null when it could not be read.
 */
export async function requirePermissions(given: {
  readonly writer: ZendeskClient;
  readonly reader: ZendeskClient;
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly log: Log;
}): Promise<number | null> {
  const { writer, reader, clock, timeoutMs, log } = given;
  const signal = AbortSignal.timeout(timeoutMs);
  const unlessLater = (error: unknown): null => {
    if (!(error instanceof DeskhandError) || !error.retry) throw error;
    log.warn("Zendesk cannot be asked yet what we may do", { reason: reasonOf(error) });
    return null;
  };
  const id = await requireWriter({ client: writer, signal }).catch(unlessLater);
  await requireReader({ client: reader, signal }, clock.now(), id).catch(unlessLater);
  return id;
}

/** Throws `config.invalid` for a reader that is the writer, or that may not use the incremental export. */
async function requireReader(probe: Probe, now: Date, writer: number | null): Promise<void> {
  const problem = sharedUserProblem(writer, await readerSelf(probe));
  if (problem !== null) throw invalidConfig(`Zendesk: ${problem}`);
  await probeExport(probe, now).catch(
    missingPermission(
      "the reader may not use the incremental export: it must be an admin, with the scope `read`",
    ),
  );
}

/** Reads a page of one line from the export. */
export async function probeExport({ client, signal }: Probe, now: Date): Promise<void> {
  const start_time = Math.floor(now.getTime() / 1_000) - EXPORT_BACK_SECONDS;
  const ask: Ask = ({ ticketexport }) => ticketexport.exportCursor(start_time);
  await client.get(ask, ExportPage, signal, { cursor: undefined, per_page: 1 });
}

/** Turns Zendesk's refusal into what is missing. */
function missingPermission(words: string): (error: unknown) => never {
  return (error) => {
    if (isFinal(error))
      throw invalidConfig(`Zendesk: ${words}. ${reasonOf(error)}`, {
        cause: error,
      });
    throw error;
  };
}

/** True for a refusal that waiting does not change. */
function isFinal(error: unknown): boolean {
  return (
    error instanceof DeskhandError &&
    ["config.invalid", "channel.refused", "channel.unauthorized"].includes(error.code)
  );
}

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
