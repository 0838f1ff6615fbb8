/** Tools taken over from an MCP server: described, asked about and pinned like any, and then used. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { Command } from "commander";
import { readTools } from "#connections/system-tools.ts";
import { addToolImport } from "#cli/tool-commands.ts";
import { openNamedMcp } from "#importing/mcp/open-mcp.ts";
import { importTools } from "#importing/command/import-tools.ts";
import { inProcessAllowances } from "#core/connection/rate-limit.ts";
import { serverDocument } from "#importing/mcp/open-mcp.ts";
import { pageInspector } from "#jobs/knowledge/pages.ts";
import type { SystemTool } from "#systems/contract.ts";
import { systemClient } from "#systems/http/client.ts";
import { declaredReadTool } from "#systems/declared-tools.ts";
import { systemTarget } from "#systems/target.ts";
import {
  type McpStandIn,
  RETURN_TOOLS,
  startMcpStandIn,
  structured,
} from "#test/systems/mcp-stand-in.ts";
import { memorySystem } from "#test/systems/memory-system.ts";
import { contextOf } from "#test/tools/tool-bench.ts";
import { STRANGER, verified } from "#test/support/fixtures/turns.ts";

const ANSWERS = `
system: { sign_in: { bearer: RETURNS_KEY } }
get_return:
  kind: read
  fields: [id, customer_email, state]
  belongs: { field: customer_email, is: email }
cancel_return:
  kind: write
  about: { operation: get_return, values: { return_id: input return_id } }
  belongs: { field: customer_email, is: email }
  person_decides: false
  receipt: { ref: id, same: { id: record id } }
  find: { by: looking, operation: get_return, values: { return_id: record id }, shows: { state: fixed cancelled }, ref: id }
`;

describe("tools taken over from an MCP server", () => {
  let standIn: McpStandIn;
  let folder = "";
  const printed: string[] = [];
  const inspect = pageInspector();
  const place = () => ({
    folder,
    terminal: null,
    inspect: (text: string) => inspect({ title: "", text }),
    setting: (name: string) =>
      new Map([
        ["RETURNS_KEY", "secret-key"],
        ["RETURNS_ADDRESS", standIn.url],
      ]).get(name) ?? null,
    print: (text: string) => void printed.push(text),
  });
  const imported = async (
    answers: string,
    only: readonly string[] = [],
  ): Promise<readonly SystemTool[]> => {
    printed.length = 0;
    await writeFile(join(folder, "answers.yaml"), answers);
    const opened = await openNamedMcp(standIn.url, "answers.yaml", place());
    await importTools(
      opened,
      { only, out: "tools", name: "returns", answersFile: "answers.yaml" },
      place(),
    );
    return readTools([join(folder, "tools")], []);
  };
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "imported-"));
    standIn = await startMcpStandIn();
    standIn.tools = [...RETURN_TOOLS];
  });
  after(async () => {
    await standIn.close();
    await rm(folder, { recursive: true });
  });

  it("are described like the operations of a document, and a text that instructs the model is left out", async () => {
    await writeFile(join(folder, "none.yaml"), "{}");
    const opened = await openNamedMcp(standIn.url, "none.yaml", place());
    const { system } = opened;
    assert.deepEqual(
      system.operations.map(({ name, path }) => `${name} ${path}`),
      ["get_return /get_return", "cancel_return /cancel_return", "list_places /list_places"],
    );
    assert.deepEqual(Object.keys(system.pins ?? {}), [
      "get_return",
      "cancel_return",
      "list_places",
    ]);
    const { operations, problems } = await opened.describe(["get_return", "list_places"]);
    assert.deepEqual(
      operations[0]?.body?.content.fields.map(({ name, limits }) => [name, limits.lengthMax]),
      [["return_id", 60]],
    );
    assert.equal(operations[1]?.description, "");
    assert.equal(operations[1].body, null);
    assert.match(problems.map(({ says }) => says).join(), /description was left out/);
  });

  it("are listed with a guess of what each does, signed in as the answers say", async () => {
    await writeFile(join(folder, "key.yaml"), "system: { sign_in: { bearer: RETURNS_KEY } }");
    const said: string[] = [];
    const program = new Command().exitOverride();
    addToolImport(program, { imports: place(), print: (text) => void said.push(text) });
    const list = ["import", "mcp", standIn.url, "--list"];
    await program.parseAsync([...list, "--answers", "key.yaml"], { from: "user" });
    assert.equal(standIn.headers()["authorization"], "Bearer secret-key");
    assert.match(
      said.join("\n"),
      /^get_return +read\?? [^]*\ncancel_return +write\?? [^]*A question mark is a guess/,
    );
    assert.doesNotMatch(said.join("\n"), /secret-key/);
  });

  it("are refused where the server would be a program of this machine, which would run with Deskhand's rights", async () => {
    for (const program of ["npx -y some-server", "./server.js", "stdio://server", "file:///server"])
      await assert.rejects(
        openNamedMcp(program, null, place()),
        /local program \(stdio\) is not started[^]*streamable HTTP[^]*Nothing was started/,
      );
  });

  it("show the customer's record and no other customer's, and propose a change that is found by looking", async () => {
    const tools = await imported(ANSWERS);
    const clientOf = (connection: Parameters<typeof systemClient>[0]["connection"]) =>
      systemClient({
        connection,
        settings: { text: place().setting },
        breaker: (call) => call(),
        allowances: inProcessAllowances(),
        clock: { now: () => new Date() },
        log: { info: () => {}, warn: () => {}, error: () => {} },
      });
    const ports = { ...memorySystem().ports, clientOf };
    const look = tools.find(({ name }) => name === "get_return");
    assert.ok(look?.kind === "read");
    const ada = { ...verified("u123"), emailOnFile: "ada@example.com" };
    standIn.acts["get_return"] = ({ return_id }) =>
      return_id === "r-9"
        ? { result: { isError: true, content: [{ type: "text", text: "no such return" }] } }
        : structured({
            id: return_id,
            customer_email: return_id === "r-1" ? "Ada@example.com" : "ben@example.com",
            state: "open",
            internal_note: "for the team",
          });
    const tool = declaredReadTool(look, ports);
    const ask = async (return_id: string, of = contextOf(ada)) =>
      JSON.stringify(tool.output.parse(await tool.run({ return_id }, of)));
    const mine = await ask("r-1");
    assert.match(mine, /"state":"open"/);
    assert.ok(!mine.includes("for the team"));
    const none = await ask("r-9");
    assert.equal(await ask("r-2"), none);
    assert.equal(await ask("r-1", contextOf(STRANGER)), none);
    assert.equal(await ask("r-1", contextOf({ ...ada, emailOnFile: "ben@example.com" })), none);
    assert.deepEqual(systemTarget(tools, ports).supports, ["cancel_return"]);
    const connection = await readFile(join(folder, "tools", "returns", "connection.yaml"), "utf8");
    assert.match(connection, /get_return:\s+words: [0-9a-f]{64}\n/);
    assert.ok(!connection.includes("secret-key"));
  });

  it("that changed show what changed when they are imported again", async () => {
    await imported(ANSWERS);
    const [first = {}, ...others] = RETURN_TOOLS;
    standIn.tools = [{ ...first, description: "Returns one return, open or closed." }, ...others];
    await imported(ANSWERS);
    const told = printed.join("\n");
    assert.match(told, /connection\.yaml: changed/);
    assert.match(told, /open or closed/);
    standIn.tools = [...RETURN_TOOLS];
  });

  it("keep their pins where only another one is imported again, so that no change goes unseen", async () => {
    await imported(ANSWERS);
    const [first = {}, second = {}, ...others] = RETURN_TOOLS;
    const pins = () => {
      const [tool] = readTools([join(folder, "tools")], []);
      return tool !== undefined && "connection" in tool ? (tool.connection.mcp?.tools ?? {}) : {};
    };
    const before = pins();
    standIn.tools = [
      { ...first, description: "Returns one return." },
      { ...second, description: "Cancels anything." },
      ...others,
    ];
    await imported(ANSWERS, ["get_return"]);
    assert.notDeepEqual(pins()["get_return"], before["get_return"]);
    assert.deepEqual(pins()["cancel_return"], before["cancel_return"]);
    standIn.tools = [...RETURN_TOOLS];
  });

  it("take the pin of the customer's look-up anew whenever they are imported", async () => {
    const find = {
      name: "find_customer",
      description: "Finds a customer.",
      inputSchema: { type: "object", properties: { email: { type: "string" } } },
      outputSchema: {
        type: "object",
        properties: {
          customers: {
            type: "array",
            items: {
              type: "object",
              properties: { id: { type: "string" }, email: { type: "string" } },
            },
          },
        },
      },
    };
    const answers = ANSWERS.replace(
      "RETURNS_KEY }",
      "RETURNS_KEY }, customer: { operation: find_customer, values: { email: requester email }, id: id, email: email }",
    );
    const pin = async (description: string) => {
      standIn.tools = [...RETURN_TOOLS, { ...find, description }];
      const [tool] = await imported(answers);
      assert.ok(tool !== undefined && "connection" in tool);
      return tool.connection.mcp?.tools["find_customer"]?.words;
    };
    const before = await pin("Finds a customer.");
    assert.ok(before !== undefined);
    assert.notEqual(await pin("Finds the customer of an address."), before);
    standIn.tools = [...RETURN_TOOLS];
  });

  it("are none where the address is no MCP server", async () => {
    standIn.acts = {};
    await writeFile(join(folder, "none.yaml"), "{}");
    const wrong = standIn.url.replace(/:\d+\//, ":1/");
    await assert.rejects(openNamedMcp(wrong, "none.yaml", place()), /does not answer/);
    await assert.rejects(
      openNamedMcp("http://user:secret@example.com/mcp", "none.yaml", place()),
      (error: Error) => /credentials/.test(error.message) && !error.message.includes("secret"),
    );
    await assert.rejects(
      openNamedMcp("ftp://example.com", "none.yaml", place()),
      /^DeskhandError: The address of an MCP server has to begin with https:.*Nothing was written/,
    );
    await assert.rejects(
      openNamedMcp("no address", "none.yaml", place()),
      /is named by its address/,
    );
  });
});

describe("schemas of an MCP server", () => {
  it("refer to nothing outside themselves, however deep they are", () => {
    let deep: Record<string, unknown> = { type: "string" };
    for (let depth = 0; depth < 5_000; depth += 1) deep = { type: "object", properties: { deep } };
    const document = JSON.stringify(
      serverDocument({ name: "s", version: "1" }, "https://mcp.test", [
        {
          name: "a",
          inputSchema: {
            properties: { x: { $ref: "file:///etc/passwd" }, y: { $ref: "#/$defs/y" } },
          },
        },
        { name: "b", inputSchema: deep },
      ]),
    );
    assert.ok(!document.includes("/etc/passwd"));
    assert.match(document, /#\/components\/schemas\/a-input\/\$defs\/y/);
    assert.ok(document.length < 5_000);
  });
});
