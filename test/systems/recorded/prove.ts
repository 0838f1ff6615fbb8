/** Proves a tool with recorded answers of its system: what is asked, whose records are shown, and that a key finds its effect. */
import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { z } from "zod";
import type { ToolContext } from "#core/contracts/tool.ts";
import type {
  Connection,
  ReadDeclaration,
  SystemTool,
  WriteDeclaration,
} from "#systems/contract.ts";
import { keyInSystem } from "#systems/key.ts";
import { readToolOf } from "#systems/read-tool.ts";
import type { SystemPorts } from "#systems/look-up.ts";
import { systemTarget } from "#systems/target.ts";
import { writeToolOf } from "#systems/write-tool.ts";
import { portsFor } from "#test/shops/connected.ts";
import { verified } from "#test/support/fixtures/turns.ts";
import { type Arrival, startStandIn } from "#test/systems/stand-in.ts";
import { contextOf } from "#test/tools/tool-bench.ts";
import { changed, flat, withKey, without } from "./values.ts";

/** What must arrive: values as text, by name, whatever the body is written in. `<key>` is the key of the effect. */
interface Sent {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, string>>;
}

interface Recorded {
  readonly input: Readonly<Record<string, unknown>>;
  /** The system's whole answer with one record of the requester. */
  readonly answer: unknown;
  /** The same of the tool whose record this one hangs on; null for none. */
  readonly parent: unknown;
  readonly sent: Sent;
}

/** Who the recorded answers are about: Ann, whom the shop knows as 1002 and the system as 1001. */
const EMAIL = "ann@customer.test";
const SYSTEM_ID = "1001";
const KEY = "prove:1";
/** Far above what a busy machine needs to answer itself. */
const ANSWER_MS_MAX = 20_000;

const Shown = z.looseObject({ found: z.boolean() });

/** Registers the tests of a look-up. */
export function proveRead(
  tool: ReadDeclaration,
  recorded: Recorded,
  tools: readonly SystemTool[],
): void {
  describe(tool.name, () => {
    test("sends exactly what is declared, and shows the requester's record", async (context) => {
      const { ports, arrivals } = await standIn(context, tool, recorded, tools);
      const found = await readToolOf(tool, ports).run(tool.input.parse(recorded.input), turn(tool));
      assert.equal(Shown.parse(found).found, true);
      assertSent(arrivals.at(-1), recorded.sent);
    });

    const belongsTo = tool.belongsTo;
    if (belongsTo.by === "nothing" || belongsTo.field === undefined) return;
    const { field } = belongsTo;
    test("another customer's record looks like none", async (context) => {
      const theirs = { ...recorded, answer: changed(recorded.answer, tool.from, field) };
      const { ports } = await standIn(context, tool, theirs, tools);
      const shown = await readToolOf(tool, ports).run(tool.input.parse(recorded.input), turn(tool));
      const nothing = { ...recorded, answer: without(recorded.answer, tool.from) };
      const empty = await standIn(context, tool, nothing, tools);
      const absent = await readToolOf(tool, empty.ports).run(
        tool.input.parse(recorded.input),
        turn(tool),
      );
      assert.deepEqual(shown, absent);
      assert.equal(Shown.parse(shown).found, false);
    });
  });
}

interface RecordedChange extends Recorded {
  readonly receipt: unknown;
  /** The answer from which it is seen that the change was made; null where there is no way. */
  readonly found: unknown;
}

/** Registers the tests of a change. */
export function proveWrite(
  tool: WriteDeclaration,
  recorded: RecordedChange,
  tools: readonly SystemTool[],
): void {
  const input = tool.input.parse(recorded.input);
  const sentBy = (arrivals: readonly Arrival[]) =>
    arrivals.filter(
      ({ method, path }) => method === recorded.sent.method && path === decoded(recorded.sent.path),
    );

  describe(tool.name, () => {
    test("a proposal sends nothing, and the change is sent exactly as declared and under its key", async (context) => {
      const { ports, arrivals } = await standIn(context, tool, recorded, tools);
      const proposed = await writeToolOf(tool, ports).propose(input, turn(tool));
      assert.ok(proposed.kind === "proposed", JSON.stringify(proposed));
      assert.deepEqual(sentBy(arrivals), []);
      const target = systemTarget([tool], ports);
      const { signal } = new AbortController();
      await target.commit(proposed.planned.action, KEY, signal);
      const [sent, ...more] = sentBy(arrivals);
      assert.deepEqual(more, []);
      assertSent(sent, recorded.sent);
      assertKey(sent, tool);
    });

    test("another customer's record looks like none, and nothing is sent", async (context) => {
      const { belongsTo, from } = tool.about;
      if (belongsTo.by === "nothing" || belongsTo.field === undefined) return;
      const theirs = { ...recorded, answer: changed(recorded.answer, from, belongsTo.field) };
      const { ports, arrivals } = await standIn(context, tool, theirs, tools);
      const proposed = await writeToolOf(tool, ports).propose(input, turn(tool));
      assert.equal(proposed.kind, "impossible");
      assert.deepEqual(sentBy(arrivals), []);
    });

    test("what became of it is found out, or said to be unknowable", async (context) => {
      const { ports, finish } = await standIn(context, tool, recorded, tools);
      const proposed = await writeToolOf(tool, ports).propose(input, turn(tool));
      assert.ok(proposed.kind === "proposed");
      const target = systemTarget([tool], ports);
      const { signal } = new AbortController();
      finish(recorded.found);
      const found = await target.find(proposed.planned.action, KEY, signal);
      assert.equal(found.state, tool.find.by === "nothing" ? "unknowable" : "done");
    });
  });
}

function turn({ minimumLevel }: SystemTool): ToolContext {
  const level = minimumLevel === 3 ? 3 : 2;
  return contextOf({ ...verified("u123"), level, customerId: "1002", emailOnFile: EMAIL });
}

/** A system that answers with what was recorded; after `finish` it answers with that instead. */
async function standIn(
  context: TestContext,
  tool: ReadDeclaration | WriteDeclaration,
  recorded: Recorded & { readonly receipt?: unknown },
  tools: readonly SystemTool[],
) {
  const running = await startStandIn();
  context.after(() => running.close());
  if (tool.connection.authentication.kind === "client-credentials")
    running.requireTokens({ client: "test", secret: "test", expiresInSeconds: 600 });
  let finished: unknown = null;
  const { belongsTo } = tool.kind === "read" ? tool : tool.about;
  const parent = tools.find(
    (one): one is ReadDeclaration =>
      one.kind === "read" && belongsTo.by === "record" && one.name === belongsTo.tool,
  );
  const { customer } = tool.connection;
  running.answerWith((arrival) => {
    const body = bodyFor(arrival);
    return body === undefined ? { status: 404 } : { status: 200, body };
  });
  function bodyFor(arrival: Arrival): unknown {
    const is = (method: string, path: string): boolean =>
      arrival.method === method && fits(arrival.path, path);
    const { request } = tool.kind === "read" ? tool.from : tool.about.from;
    if (
      customer !== undefined &&
      is(customer.request.method, customer.request.path) &&
      isForCustomer(arrival, customer)
    )
      return customerAnswer(customer);
    if (
      finished !== null &&
      tool.kind === "write" &&
      tool.find.by !== "nothing" &&
      is(tool.find.from.request.method, tool.find.from.request.path)
    )
      return withKey(finished, keyInSystem(KEY));
    if (tool.kind === "write" && is(tool.commit.request.method, tool.commit.request.path))
      return withKey(recorded.receipt, keyInSystem(KEY));
    if (is(request.method, request.path)) return recorded.answer;
    return parent !== undefined && is(parent.from.request.method, parent.from.request.path)
      ? recorded.parent
      : undefined;
  }
  /** A look-up of customers may be the tool itself; the customer's id is then looked up by the same request. */
  function isForCustomer(
    arrival: Arrival,
    { request }: NonNullable<Connection["customer"]>,
  ): boolean {
    const own = tool.kind === "read" ? tool.from.request : tool.about.from.request;
    return (
      own.path !== request.path ||
      own.method !== request.method ||
      (arrival.query.size === 0 && arrival.text === "")
    );
  }
  return {
    ports: portsAt(running.url, tool.connection, tools),
    arrivals: running.arrivals,
    finish: (answer: unknown) => void (finished = answer),
  };
}

function fits(path: string, template: string): boolean {
  const parts = template
    .split(/\{[^{}]*\}/)
    .map((part) => part.replaceAll(/[^\w/-]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join("[^/]+")}$`).test(path);
}

function customerAnswer({ records, id, email }: NonNullable<Connection["customer"]>): unknown {
  const record = flat.nest({ [id]: SYSTEM_ID, [email]: EMAIL });
  return records === "" ? [record] : flat.nest({ [records]: [record] });
}

/** Ports whose systems are all the stand-in, the one that gives out tokens included. */
function portsAt(url: string, connection: Connection, tools: readonly SystemTool[]): SystemPorts {
  const ports = portsFor(settingsOf(connection, url), tools, ANSWER_MS_MAX);
  const { authentication } = connection;
  if (authentication.kind !== "client-credentials") return ports;
  const tokenUrl = `${url}/oauth/token`;
  return {
    ...ports,
    clientOf: (one) => ports.clientOf({ ...one, authentication: { ...authentication, tokenUrl } }),
  };
}

/** Every setting the connection names; secrets of a test are no secrets. */
function settingsOf(
  { addressFrom, authentication }: Connection,
  url: string,
): Readonly<Record<string, string>> {
  const { kind: _, ...names } = authentication;
  const secrets = Object.values(names).flatMap((name) =>
    typeof name === "string" ? [[name, "test"]] : [],
  );
  return { ...Object.fromEntries(secrets), [addressFrom]: url };
}

function decoded(path: string): string {
  return new URL(path, "http://localhost").pathname;
}

function assertSent(arrival: Arrival | undefined, sent: Sent): void {
  assert.ok(arrival !== undefined, "nothing was sent");
  const key = keyInSystem(KEY);
  assert.equal(`${arrival.method} ${arrival.path}`, `${sent.method} ${decoded(sent.path)}`);
  const query = Object.fromEntries(arrival.query);
  for (const [name, value] of Object.entries(sent.query))
    assert.equal(query[name], value.replace("<key>", key));
  for (const [name, value] of Object.entries(sent.headers))
    assert.equal(arrival.headers[name.toLowerCase()], value.replace("<key>", key));
  assert.deepEqual(flat.body(arrival), flat.numbers(withKey(sent.body, key)));
}

/** Where the system keeps changes apart by a key, it arrives there. */
function assertKey(
  arrival: Arrival | undefined,
  { commit: { idempotency } }: WriteDeclaration,
): void {
  if (idempotency?.in === "header")
    assert.equal(arrival?.headers[idempotency.name.toLowerCase()], keyInSystem(KEY));
}
