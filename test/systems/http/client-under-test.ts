/** A client of a stand-in, with everything it logs. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import type { Log } from "#core/contracts/ports.ts";
import { DeskhandError, type ErrorCode } from "#core/values/errors.ts";
import { inProcessAllowances } from "#core/connection/rate-limit.ts";
import { systemSettings } from "#config/secret.ts";
import { createBreakers } from "#connections/circuit-breakers.ts";
import type { Connection, RequestTemplate } from "#systems/contract.ts";
import { type SystemClient, systemClient } from "#systems/http/client.ts";
import { type PreparedRequest, prepareRequest } from "#systems/http/prepare-request.ts";
import { type StandIn, startStandIn } from "#test/systems/stand-in.ts";

const EVER = new AbortController().signal;

export interface UnderTest {
  readonly client: SystemClient;
  readonly standIn: StandIn;
  /** May be changed while the test runs. */
  readonly environment: NodeJS.ProcessEnv;
  /** Everything that was logged, as text. */
  readonly logged: () => string;
  readonly clock: { now: () => Date; moveOn: (ms: number) => void };
  readonly states: () => Readonly<Record<string, string>>;
}

export async function clientUnderTest(
  context: TestContext,
  given: {
    readonly connection?: Partial<Connection>;
    readonly environment?: NodeJS.ProcessEnv;
    readonly standIn?: StandIn;
  } = {},
): Promise<UnderTest> {
  const standIn = given.standIn ?? (await startStandIn());
  context.after(async () => await standIn.close());
  const lines: string[] = [];
  const line = (message: string, details: unknown): void =>
    void lines.push(`${message} ${JSON.stringify(details)}`);
  const log: Log = { info: line, warn: line, error: line };
  let shiftMs = 0;
  const clock = {
    now: () => new Date(Date.now() + shiftMs),
    moveOn: (ms: number) => void (shiftMs += ms),
  };
  const breakers = createBreakers({ clock, log });
  const environment: NodeJS.ProcessEnv = { BOOKS_URL: standIn.url, ...given.environment };
  const connection: Connection = {
    name: "books",
    addressFrom: "BOOKS_URL",
    address: null,
    authentication: { kind: "none" },
    limits: { timeoutMs: 5_000, answerBytesMax: 100_000, perMinute: null },
    ...given.connection,
  };
  const client = systemClient({
    connection,
    settings: systemSettings(environment),
    breaker: breakers.system(connection.name),
    allowances: inProcessAllowances(),
    clock,
    log,
  });
  return {
    client,
    standIn,
    environment,
    logged: () => lines.join("\n"),
    clock,
    states: () => breakers.states(),
  };
}

export const signal = EVER;

/** A request of a template without values. */
export function request(template: Partial<RequestTemplate> = {}): PreparedRequest {
  const made = prepareRequest(
    { method: "GET", path: "/orders/1", ...template },
    {
      input: {},
      requester: { customer_id: null, email: null, system_id: null },
      record: null,
      key: "key-1",
    },
  );
  assert.ok(made.kind === "prepared", made.kind === "refused" ? made.reason : "");
  return made.request;
}

/** For `assert.rejects`. */
export function failsWith(code: ErrorCode, words: RegExp = /./): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof DeskhandError, String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, words);
    return true;
  };
}

/** The failure of a look-up that says this. */
export async function readFails(
  client: SystemClient,
  words?: RegExp,
  of = request(),
): Promise<DeskhandError> {
  const error: unknown = await client.read(of, signal).catch((thrown: unknown) => thrown);
  failsWith("system.unavailable", words)(error);
  assert.ok(error instanceof DeskhandError);
  return error;
}
