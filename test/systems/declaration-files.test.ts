/** The files of a system: read as data, and every mistake told by file, line and field. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { readSystem } from "#systems/declaration-files.ts";

const CONNECTION = `# The shop.
name: My shop
addressFrom: MY_SHOP_URL
address: null
authentication: { kind: none }
limits: { timeoutMs: 5000, answerBytesMax: 100000, perMinute: null }
customer:
  request: { method: GET, path: /customers, query: { email: requester email, limit: 2 } }
  records: data
  id: id
  email: email
`;

const CHANGE = `kind: write
name: pause_it
operation: pause_it
description: Pauses a subscription.
minimumLevel: 2
input: { id: text }
wishes: []
about:
  from:
    request: { method: GET, path: "/subscriptions/{id}", pathValues: { id: input id } }
    at: ""
    many: false
    record: { id: text, customer: text }
  belongsTo: { by: field, field: customer, is: system_id }
  id: id
  unchanged: []
ownWords: []
label: Pause {id}
identity: [id]
commit:
  request:
    method: POST
    path: /subscriptions/{id}/pause
    pathValues: { id: { from: record, field: id } }
    body: { encoding: json, fields: { why: fixed asked for, times: 1 } }
  idempotency: null
  receipt: { id: text }
  ref: id
  same: { id: record id }
find: { by: nothing, because: it says nothing }
`;

const LOOK_UP = `kind: sql-read
name: find_row
description: One row.
minimumLevel: 2
input: { id: line }
from:
  schema: null
  table: orders
  key: [id]
  joins: []
  columns: { id: { column: id, kind: text } }
  lookUp: { id: id }
belongsTo: { by: column, column: { column: customer, kind: text }, is: customer_id }
record: { id: text }
personal: []
shownMax: 1
`;

const DATABASE = "name: shop\naddressFrom: SHOP_DATABASE_URL\nlimits: { timeoutMs: 2000 }\n";

function read(files: Readonly<Record<string, string>>) {
  return readSystem(new Map(Object.entries(files)));
}

describe("the files of a system", () => {
  test("are a connection and a tool each; values are read from their words or in their parts", () => {
    const { tools, problems } = read({ "connection.yaml": CONNECTION, "pause-it.yaml": CHANGE });
    assert.deepEqual(problems, []);
    const [{ tool } = { tool: null }] = tools;
    assert.ok(tool?.kind === "write");
    assert.deepEqual(tool.commit.request.pathValues, { id: { from: "record", field: "id" } });
    assert.deepEqual(tool.commit.request.body?.fields, {
      why: { from: "fixed", value: "asked for" },
      times: { from: "fixed", value: 1 },
    });
    assert.equal(tool.connection.customer?.id, "id");
    // Files made before there was that word say it by an empty list.
    assert.equal(tool.personDecides, true);
  });

  test("a database and its look-ups stand in one folder too, and what an import left beside is no tool", () => {
    const { tools, problems } = read({
      "database.yaml": DATABASE,
      "find-row.yaml": LOOK_UP,
      "find-row.new.yaml": "[",
      "database.new.yaml": "[",
      "policy.yaml": "operations: {}",
    });
    assert.deepEqual(problems, []);
    assert.deepEqual(
      tools.map(({ tool }) => tool.kind === "sql-read" && tool.database.addressFrom),
      ["SHOP_DATABASE_URL"],
    );
  });

  const CASES: Readonly<Record<string, readonly [Readonly<Record<string, string>>, string]>> = {
    "broken YAML": [
      { "pause-it.yaml": "kind: write\nname: [pause" },
      "pause-it.yaml:2: Flow sequence",
    ],
    "a name twice": [{ "pause-it.yaml": "kind: read\nkind: write\n" }, "pause-it.yaml:2: Map keys"],
    "a part by reference": [
      {
        "pause-it.yaml": CHANGE.replace("[id]", "&a [id]").replace("ownWords: []", "ownWords: *a"),
      },
      "pause-it.yaml",
    ],
    "a word too much": [
      { "pause-it.yaml": CHANGE.replace("ownWords: []", "ownWords: []\nownWord: []") },
      "pause-it.yaml:18: pause_it: ownWord: there is no such part",
    ],
    "a word that is missing": [
      { "pause-it.yaml": CHANGE.replace("label: Pause {id}\n", "") },
      "pause-it.yaml:1: pause_it: label: ",
    ],
    "a value that is none": [
      { "pause-it.yaml": CHANGE.replace("input id", "inptu id") },
      "pause-it.yaml:10: pause_it: about.from.request.pathValues.id: say `input NAME`",
    ],
    "a field of no kind": [
      { "pause-it.yaml": CHANGE.replace("record: { id: text,", "record: { id: string,") },
      "pause-it.yaml:13: pause_it: about.from.record.id: is one of text, number",
    ],
    "an amount without money": [
      { "pause-it.yaml": CHANGE.replace("  ref: id\n", "  ref: id\n  amount: null\n") },
      "pause-it.yaml:29: pause_it: commit.amount: a change with `money`",
    ],
    "no tool at all": [{ "pause-it.yaml": "just text" }, "pause-it.yaml:1: "],
    "a look-up beside no database": [
      { "find-row.yaml": LOOK_UP },
      "find-row.yaml: there is no database.yaml beside it",
    ],
    "a table that the database would cut": [
      { "database.yaml": DATABASE, "find-row.yaml": LOOK_UP.replace("orders", "o".repeat(64)) },
      "find-row.yaml:8: find_row: from.table: ",
    ],
    "a connection with a mistake, once for all tools": [
      { "connection.yaml": CONNECTION.replace("kind: none", "kind: nothing") },
      "connection.yaml:5: authentication.kind: ",
    ],
  };
  for (const [what, [files, line]] of Object.entries(CASES))
    test(`${what} is told by its place`, () => {
      const { tools, problems } = read({ "connection.yaml": CONNECTION, ...files });
      assert.deepEqual(tools, []);
      assert.equal(problems.length, 1, problems.join("\n"));
      assert.ok(problems[0]?.startsWith(line), problems[0]);
    });
});
