/** The assistant's server as clients see it: what it lists, and our own client in both eras of the protocol. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { inProcessAllowances } from "#core/connection/rate-limit.ts";
import { senderFor } from "#systems/http/client.ts";
import { isReply, mcpWire, openSession } from "#systems/mcp/session.ts";
import { replying } from "#test/jobs/turn-results.ts";
import { silentLog } from "#test/store/bench.ts";
import { openFront } from "#test/support/http-front.ts";
import { callBody, callHeaders, onAssistants } from "./bench.ts";

onAssistants("clients of the assistant's server", (bench, assistants, me) => {
  test("every tool says whether it changes anything, and takes nothing that it does not name", async () => {
    const session = await opened(assistants.url);
    const tools = await session.list(AbortSignal.timeout(5_000));
    assert.ok("length" in tools);
    const hints = tools.map(({ name, annotations }) => [
      name,
      annotations?.["readOnlyHint"],
      annotations?.["destructiveHint"],
    ]);
    assert.deepEqual(hints, [
      ["list_waiting", true, false],
      ["read_case", true, false],
      ["explain_decision", true, false],
      ["search_help", true, false],
      ["report", true, false],
      ["draft_reply", false, true],
      ["propose_action", false, true],
      ["add_note", false, false],
      ["wait_for_decision", true, false],
    ]);
    assert.ok(tools.every(({ inputSchema }) => inputSchema["additionalProperties"] === false));
    const told = await assistants.call(me.token, "read_case", { id: "c_1", send: true });
    assert.match(told.text, /send/);
  });

  test("a batch of an older revision is refused as a whole: it would count as one call", async () => {
    const older = { "mcp-protocol-version": "2025-06-18" };
    const headers = { ...callHeaders(me.token, "report"), ...older };
    const body = ` [${[1, 2].map(() => callBody("report", {})).join()}]`;
    const answer = await assistants.send({ headers, body });
    assert.equal(answer.status, 400);
    assert.match(answer.text, /one request at a time/);
  });

  for (const era of ["2026-07-28", "2025-06-18"] as const)
    test(`our own client is served by revision ${era}`, async () => {
      bench.answer(() => replying("We look at it."));
      const id = await bench.write("My headphones broke.");
      // A front that knows no revision without sessions.
      const older = await openFront(assistants.url, async ({ body, forward }) =>
        body.includes("server/discover") ? new Response(null, { status: 404 }) : forward(),
      );
      const { url } = era === "2026-07-28" ? assistants : older;
      const session = await opened(url);
      assert.equal(session.about.protocolVersion, era);
      assert.equal(session.about.serverInfo.name, "deskhand");
      const signal = AbortSignal.timeout(5_000);
      const called = await session.call("read_case", { id }, signal);
      assert.match(JSON.stringify(called), /My\^headphones\^broke/);
      const refused = await session.call("read_case", { id: "c_0" }, signal);
      assert.match(JSON.stringify(refused), /"isError":true/);
      await older.close();
    });

  async function opened(url: string) {
    const wire = mcpWire();
    const connection = {
      name: "deskhand",
      addressFrom: "ADDRESS",
      address: `${url}/mcp`,
      authentication: { kind: "bearer" as const, secret: "KEY" },
      limits: { timeoutMs: 5_000, answerBytesMax: 200_000, perMinute: null },
      mcp: { tools: {} },
    };
    const settings = { text: (name: string) => (name === "KEY" ? me.token : null) };
    const clock = { now: () => new Date() };
    const allowances = inProcessAllowances();
    const options = { connection, settings, allowances, clock, log: silentLog };
    const send = senderFor(options, wire.through);
    const session = await openSession(send, wire, AbortSignal.timeout(5_000));
    if (isReply(session)) assert.fail(JSON.stringify(session));
    return session;
  }
});
