/**
 * Asks one system over HTTP within its limits, finds the requester's id there by their verified address, and tells
 * how each request ended without deciding what that means.
 */
import { setTimeout as delay } from "node:timers/promises";
import { exchangeOnce, type Fetch, wholeFetch } from "#core/connection/http-answer.ts";
import { type Allowance, type Allowances, waitForTurn } from "#core/connection/rate-limit.ts";
import type { Clock, Log } from "#core/contracts/ports.ts";
import { MINUTE_MS } from "#core/values/moment.ts";
import { withinMs } from "#core/values/deadline.ts";
import { DeskhandError, invalidConfig } from "#core/values/errors.ts";
import type { Connection } from "#systems/contract.ts";
import { changeEnd, mcpSender } from "#systems/mcp/sender.ts";
import { mcpWire } from "#systems/mcp/session.ts";
import { fieldAt, isSameAddress, plain, STRANGER } from "#systems/request-values.ts";
import {
  accessToken,
  secureAddress,
  type AccessToken,
  type Signature,
  signatureFor,
  type SystemSettings,
} from "./authentication.ts";
import {
  isAway,
  isFinal,
  type SystemAnswer,
  type SystemExchange,
  toSystemExchange,
  unavailable,
  withFailure,
} from "./exchange.ts";
import {
  headerProblem,
  isHeaderName,
  type PreparedRequest,
  prepareRequest,
} from "./prepare-request.ts";

/** One system behind its limits. */
export interface SystemClient {
  readonly connection: Connection;
  /**
   * Sends once and within the connection's time; only when an access token was refused, which means that the request was
   * not looked at, it is sent again with a new one. Never throws.
   */
  exchange(request: PreparedRequest, signal: AbortSignal): Promise<SystemExchange>;
  /**
   * Asks again, twice at most, while the connection's time lasts. Absent is what does not exist (404, 410). Throws
   * `system.unavailable` for anything but a readable answer.
   */
  read(request: PreparedRequest, signal: AbortSignal): Promise<SystemAnswer>;
  /**
   * The id of the one customer with this verified address, null when that is not certain. Without a verified address the
   * answer is null after the same calls. Asked once a turn, for which its signal stands. Throws `system.unavailable`.
   */
  customerId(verified: string | null, signal: AbortSignal): Promise<string | null>;
}

/** Makes one call unless its system is left alone for now; then it throws `system.unavailable`. */
type Breaker = <T>(call: () => Promise<T>, signal: AbortSignal) => Promise<T>;

export interface SystemClientOptions {
  readonly connection: Connection;
  readonly settings: SystemSettings;
  readonly breaker: Breaker;
  /** Of all processes, so that they keep the limit together. */
  readonly allowances: Allowances;
  readonly clock: Clock;
  readonly log: Log;
}

/** Long enough for a restart behind a balancer, short enough that a turn does not notice. */
const READ_PAUSES_MS = [150, 500] as const;
const NO_CONTENT = 204;
const ABSENT: ReadonlySet<number> = new Set([404, 410]);
const NOT_UNDERSTOOD: ReadonlySet<number> = new Set([400, 422]);
/** A part of the minute's requests may come at once, the others evenly. */
const BURST_SHARE = 4;
/** A system that asks for longer is asked again all the same: its clock or header may be wrong. */
const HOLD_MS_MAX = 5 * MINUTE_MS;

/** Makes a client. Nothing is read or sent before the first request. */
export function systemClient(options: SystemClientOptions): SystemClient {
  if (options.connection.mcp === undefined) return clientOver(options, senderFor(options));
  const wire = mcpWire();
  const send = senderFor(options, wire.through);
  const client = clientOver(options, mcpSender({ ...options, send, wire }));
  return {
    ...client,
    exchange: async (request, signal) => changeEnd(await client.exchange(request, signal)),
  };
}

function clientOver(options: SystemClientOptions, send: SystemClient["exchange"]): SystemClient {
  const { connection, breaker, log } = options;
  const { timeoutMs } = connection.limits;

  async function exchange(request: PreparedRequest, signal: AbortSignal): Promise<SystemExchange> {
    const last: { ended: SystemExchange | null } = { ended: null };
    try {
      return await breaker(async () => {
        const ended = await send(request, signal);
        last.ended = ended;
        if (isAway(ended)) throw unavailable(connection, ended);
        return ended;
      }, signal);
    } catch (cause) {
      return last.ended ?? { kind: "unsent", cause };
    }
  }

  async function askAgain(request: PreparedRequest, signal: AbortSignal): Promise<SystemExchange> {
    const overAt = performance.now() + timeoutMs;
    let ended = await exchange(request, signal);
    for (const pauseMs of READ_PAUSES_MS) {
      const waitMs = Math.max(pauseMs, ended.kind === "answered" ? (ended.retryAfterMs ?? 0) : 0);
      if (isFinal(ended) || signal.aborted || performance.now() + waitMs > overAt) return ended;
      log.warn("a system did not answer, asking again", { system: connection.name });
      // A stopped turn ends the wait; the next exchange then reports it.
      await delay(waitMs, undefined, { signal }).catch(() => undefined);
      ended = await exchange(request, signal);
    }
    return ended;
  }

  async function read(request: PreparedRequest, signal: AbortSignal): Promise<SystemAnswer> {
    const ended = await withinMs(
      timeoutMs,
      async (inTime) => await askAgain(request, inTime),
      signal,
    );
    if (ended.kind !== "answered" || !ended.isReadable) throw unavailable(connection, ended);
    const { status, body, said } = ended;
    if (status === NO_CONTENT) return { kind: "absent", isEmpty: true };
    if (ABSENT.has(status)) return { kind: "absent" };
    if (NOT_UNDERSTOOD.has(status)) {
      // Most often an id that a customer mistyped, but the declaration may be wrong too.
      log.warn("a system did not understand a look-up", { system: connection.name, said });
      return { kind: "not-understood" };
    }
    if (status < 200 || status > 299 || body === undefined) throw unavailable(connection, ended);
    return { kind: "found", body };
  }

  return {
    connection,
    // The wait for its turn has a time of its own.
    exchange: async (request, signal) =>
      await withinMs(2 * timeoutMs, async (inTime) => await exchange(request, inTime), signal),
    read,
    customerId: customerFinder(connection.customer, read),
  };
}

/**
 * Sends one request, signed and in its turn. Never throws. `through` is laid around what sends it.
 */
export function senderFor(
  { connection, settings, allowances, clock }: Omit<SystemClientOptions, "breaker" | "log">,
  through: (fetch: Fetch) => Fetch = (fetch) => fetch,
): SystemClient["exchange"] {
  const { authentication, limits } = connection;
  const fetch = through(wholeFetch(limits.answerBytesMax));
  const isToken = authentication.kind === "client-credentials";
  const token: AccessToken = isToken
    ? accessToken({ connection, authentication, settings, fetch, clock })
    : async () => "";
  const pace = paceFor(connection, allowances);

  async function sendSigned(
    request: PreparedRequest,
    signature: Signature,
    signal: AbortSignal,
  ): Promise<SystemExchange> {
    const { addressFrom, address } = connection;
    const given = settings.text(addressFrom) ?? address;
    if (given === null) throw invalidConfig(`the setting ${addressFrom} is not set`);
    const base = secureAddress(given, `the address of ${connection.name} (${addressFrom})`);
    const headers = requestHeaders(connection, request, signature);
    await pace?.wait(signal);
    const sent = {
      url: `${base.href.replace(/(?<!\/)\/+$/, "")}${request.path}${queryText(request, signature)}`,
      method: request.method,
      headers,
      body: request.body?.text ?? null,
    };
    const by = { fetch, clock, answerBytesMax: limits.answerBytesMax };
    // Its time begins when it is sent: one cut off for our own wait may have been carried out.
    const ended = await withinMs(
      limits.timeoutMs,
      async (inTime) => await exchangeOnce(sent, by, inTime),
      signal,
    );
    const told = withFailure(connection, toSystemExchange(ended, signature.secrets));
    if (told.kind === "answered" && told.status === 429) await pace?.hold(told.retryAfterMs);
    return told;
  }

  return async (request, signal) => {
    try {
      const used = isToken ? await token(signal) : "";
      const signed = async (access: string): Promise<SystemExchange> =>
        await sendSigned(request, signatureFor(authentication, settings, access), signal);
      const ended = await signed(used);
      if (!isToken || ended.kind !== "answered" || ended.status !== 401) return ended;
      const fresh = await token(signal, used);
      return fresh === used ? ended : await signed(fresh);
    } catch (cause) {
      return { kind: "unsent", cause };
    }
  };
}

/** Throws `config.invalid` for a header of the connection that cannot be sent. */
function requestHeaders(
  connection: Connection,
  request: PreparedRequest,
  signature: Signature,
): Readonly<Record<string, string>> {
  const always = Object.entries(connection.headers ?? {});
  const added = Object.entries(signature.headers);
  const problem =
    always.map(headerProblem).find((reason) => reason !== null) ??
    (added.every(([name]) => isHeaderName(name)) ? null : "the key's name is no name of a header");
  if (problem !== null) throw invalidConfig(`${connection.name}: ${problem}`);
  const content = request.body === null ? [] : [["content-type", request.body.type]];
  const headers = [...always, ...Object.entries(request.headers), ...content];
  // A signature stands alone: the same name in other letters would send both.
  return Object.fromEntries(
    [...headers, ...added].map(([name = "", value = ""]) => [name.toLowerCase(), value]),
  );
}

/** Throws `config.invalid` when a tool sends the parameter of the key. */
function queryText(request: PreparedRequest, signature: Signature): string {
  const taken = signature.query.find(([name]) => request.query.some(([other]) => other === name));
  if (taken !== undefined) throw invalidConfig(`${taken[0]} is the key's name in the query`);
  const pairs = [...request.query, ...signature.query].map((pair) =>
    pair.map(encodeURIComponent).join("="),
  );
  return pairs.length === 0 ? "" : `?${pairs.join("&")}`;
}

/** Keeps a connection's own limit. A wait that does not fit into the time is none: nothing is sent then. */
function paceFor({ name, limits }: Connection, allowances: Allowances) {
  const { perMinute, timeoutMs } = limits;
  if (perMinute === null) return null;
  const allowance: Allowance = {
    name: `system:${name}`,
    max: perMinute,
    windowMs: MINUTE_MS,
    burst: Math.max(1, Math.floor(perMinute / BURST_SHARE)),
  };
  const tooLong = (waitMs: number): DeskhandError =>
    new DeskhandError("system.unavailable", `${name} may be asked ${perMinute} times a minute`, {
      retryAfterMs: waitMs,
      notTried: true,
    });
  return {
    wait: (signal: AbortSignal) =>
      waitForTurn(allowances, [allowance], { waitMsMax: timeoutMs, signal, tooLong }),
    async hold(ms: number | undefined) {
      if (ms !== undefined) await allowances.hold([allowance], Math.min(ms, HOLD_MS_MAX));
    },
  };
}

/** Asked for where no address is verified, so that time and calls do not tell; no mailbox has it (RFC 2606 2). */
const NO_ADDRESS = "absent@requester.invalid";

/**
 * Gives the id of a verified address, null when there is none that is certain: exactly one record has the address, but
 * for the case of its letters. What was found is kept with the turn's signal; after a failure it is asked again.
 */
export function customerFinder(
  customer: Connection["customer"],
  read: SystemClient["read"],
): SystemClient["customerId"] {
  const turns = new WeakMap<AbortSignal, Map<string | null, Promise<string | null>>>();
  return async (verified, signal) => {
    if (customer === undefined) return null;
    const known = turns.get(signal) ?? new Map<string | null, Promise<string | null>>();
    turns.set(signal, known);
    const asked =
      known.get(verified) ?? askFor(customer, verified, (request) => read(request, signal));
    known.set(verified, asked);
    try {
      return await asked;
    } catch (error) {
      known.delete(verified);
      throw error;
    }
  };
}

async function askFor(
  customer: NonNullable<Connection["customer"]>,
  verified: string | null,
  read: (request: PreparedRequest) => Promise<SystemAnswer>,
): Promise<string | null> {
  const prepared = prepareRequest(customer.request, {
    input: {},
    requester: { ...STRANGER, email: verified ?? NO_ADDRESS },
    record: null,
    key: null,
  });
  if (prepared.kind === "refused") return null;
  const answer = await read(prepared.request);
  if (answer.kind !== "found" || verified === null) return null;
  // A system may ignore a filter it does not know and answer with everyone.
  const records = [fieldAt(answer.body, customer.records)].flat();
  const [match, ...more] = records.filter((record) =>
    isSameAddress(fieldAt(record, customer.email), verified),
  );
  const id = more.length > 0 ? null : plain(fieldAt(match, customer.id));
  return id === null || id === "" || typeof id === "boolean" ? null : String(id);
}
