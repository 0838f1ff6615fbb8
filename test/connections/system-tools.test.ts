import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { readTools } from "#connections/system-tools.ts";

const HERE = mkdtempSync(join(tmpdir(), "deskhand-own-tools-"));

function folder(name: string, files: Readonly<Record<string, string>>): string {
  const made = mkdtempSync(join(HERE, `${name}-`));
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(join(made, file, ".."), { recursive: true });
    writeFileSync(join(made, file), text);
  }
  return made;
}

const CONNECTION = `name: My shop
addressFrom: MY_SHOP_URL
address: null
authentication: { kind: bearer, secret: MY_SHOP_KEY }
limits: { timeoutMs: 5000, answerBytesMax: 100000, perMinute: null }
`;

const TOOL = `kind: read
name: find_order
description: One order.
minimumLevel: 2
input: { order_id: text }
from:
  request: { method: GET, path: "/orders/{id}", pathValues: { id: input order_id } }
  at: ""
  many: false
  record: { id: text, customer_id: text }
belongsTo: { by: field, field: customer_id, is: customer_id }
personal: []
shownMax: 5
`;

/** The files of a system with one tool. */
function system(tool = TOOL, connection = CONNECTION): Readonly<Record<string, string>> {
  return { "connection.yaml": connection, "find-order.yaml": tool };
}

describe("folders of tools", () => {
  after(() => rmSync(HERE, { recursive: true }));

  test("without a setting there are none, and one is read with its tools", () => {
    assert.deepEqual(readTools([], []), []);
    const [only] = readTools([folder("good", system())], ["reply"]);
    assert.equal(only?.name, "find_order");
  });

  test("a folder of systems gives the tools of each, and what is no system in it is left alone", () => {
    const renamed = TOOL.replace("find_order", "find_parcel");
    const all = folder("all", {
      "shop/connection.yaml": CONNECTION,
      "shop/find-order.yaml": TOOL,
      "parcels/connection.yaml": CONNECTION.replace("My shop", "Parcels"),
      "parcels/find-parcel.yaml": renamed,
      "notes/readme.yaml": "[",
      "answers.yaml": "[",
    });
    assert.deepEqual(
      readTools([all], []).map(({ name }) => name),
      ["find_parcel", "find_order"],
    );
  });

  test("names are told apart over all folders, and two systems are not one", () => {
    const first = folder("first", system());
    const renamed = TOOL.replace("find_order", "find_parcel");
    const second = folder("second", system(renamed));
    assert.deepEqual(
      readTools([first, second], []).map(({ name }) => name),
      ["find_order", "find_parcel"],
    );
    assert.throws(() => readTools([first, folder("same", system())], []), /find_order/);
    const third = folder("third", system(renamed, CONNECTION.replace("MY_SHOP_KEY", "OTHER_KEY")));
    assert.throws(
      () => readTools([first, third], []),
      /two different systems are called My shop; give one another name in its connection\.yaml/,
    );
  });

  test("a mistake is told with file, line, tool and field, and no tool of the folder is used", () => {
    const wrong: readonly (readonly [string, string, RegExp])[] = [
      ["form", TOOL.replace("shownMax: 5", "shownMax: 0"), /:13: find_order: shownMax: /],
      [
        "meaning",
        TOOL.replace("field: customer_id", "field: owner"),
        /:11: find_order: belongsTo\.field: the record has no field owner/,
      ],
    ];
    for (const [name, tool, words] of wrong) {
      const made = folder(name, system(tool));
      assert.throws(
        () => readTools([made], []),
        ({ message }: Error) => {
          assert.ok(message.includes(join(made, "find-order.yaml:")), message);
          assert.match(message, words);
          return true;
        },
      );
    }
  });

  test("a folder without a system, and one with programs of an earlier version, are told as such", () => {
    assert.throws(() => readTools([folder("empty", {})], []), /there is no connection\.yaml/);
    assert.throws(() => readTools([join(HERE, "nowhere")], []), /there is no connection\.yaml/);
    assert.throws(
      () => readTools([folder("old", { "index.ts": "export const tools = [];" })], []),
      /programs of an earlier version; `deskhand tools import convert [^`]+` writes them/,
    );
  });
});
