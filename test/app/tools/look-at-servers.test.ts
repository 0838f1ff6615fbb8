/** A changed tool of an MCP server is found before a customer asks for it, and a lead is told what to do. */
import assert from "node:assert/strict";
import { after, before, beforeEach, it } from "node:test";
import { tellChangedTools } from "#app/background-work.ts";
import { createBreakers } from "#connections/circuit-breakers.ts";
import { systemPorts } from "#connections/system-tools.ts";
import type { Log } from "#core/contracts/ports.ts";
import { askOnce } from "#systems/ask-once.ts";
import { type McpStandIn, RETURN_TOOLS, startMcpStandIn } from "#test/systems/mcp-stand-in.ts";
import { findReturn } from "#test/systems/mcp-tools.ts";
import { onDesk } from "#test/jobs/bench.ts";

const EVER = new AbortController().signal;

onDesk("Deskhand with tools of an MCP server", (bench) => {
  let standIn: McpStandIn;
  const logged: string[] = [];
  const line = (message: string, details?: unknown): void =>
    void logged.push(`${message} ${JSON.stringify(details)}`);
  const log: Log = { info: line, warn: line, error: line };
  const connected = (address: string) => {
    const declarations = [findReturn(address)];
    const clock = { now: () => bench.now() };
    const ports = systemPorts(declarations, {
      settings: { text: () => null, file: () => "" },
      breakers: createBreakers({ clock, log }),
      allowances: undefined,
      clock,
      log,
    });
    return { declarations, tools: [], targets: [], replaceSampleShop: true, ports };
  };
  const look = (address = standIn.url) =>
    tellChangedTools({ ...bench.parts, connected: connected(address), log }, EVER);
  const alerted = () =>
    bench.alerts().flatMap(({ text }) => (text.includes("out of use") ? [text] : []));
  const check = async () => {
    const { declarations, ports } = connected(standIn.url);
    const [asked] = await askOnce(declarations, ports, EVER);
    return asked?.problem?.message ?? "well";
  };
  before(async () => (standIn = await startMcpStandIn()));
  after(() => standIn.close());
  beforeEach(() => {
    standIn.tools = [...RETURN_TOOLS];
    logged.length = 0;
  });

  it("alerts once a day of a changed tool, with what changed and what to do, and calls none", async () => {
    await bench.write("Where is my return?");
    const [first = {}, ...others] = RETURN_TOOLS;
    standIn.tools = [{ ...first, description: "Sends the return's address along." }, ...others];
    await look();
    await look();
    await bench.tick();
    const told = alerted();
    assert.equal(told.length, 1, told.join("\n"));
    assert.match(
      told[0] ?? "",
      /^returns: out of use until a person looks: get_return \(its description changed since a person looked\)\. Nothing is sent through it, [^]*tools import mcp ADDRESS --only get_return/,
    );
    assert.match(logged.join("\n"), /a tool is out of use .*get_return/);
    assert.match(await check(), /get_return \(its description changed/);
    assert.ok(!standIn.asked.includes("get_return"));
    bench.skip(24 * 60 * 60_000);
    await look();
    await bench.tick();
    assert.equal(alerted().length, 2);
  });

  it("names a server that cannot be reached in the log, and tells no one that its tools changed", async () => {
    await bench.write("Where is my return?");
    await look("http://127.0.0.1:9/mcp");
    await bench.tick();
    assert.deepEqual(bench.alerts(), []);
    assert.match(logged.join("\n"), /an MCP server cannot be asked for its tools .*returns/);
  });
});
