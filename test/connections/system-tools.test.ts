import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { readTools, systemSecrets } from "#connections/system-tools.ts";
import { findOrder, refundThere } from "#test/systems/declared-shop.ts";

// Inside the program, so that the folder finds zod as one beside a policy file does.
const HERE = mkdtempSync(join(import.meta.dirname, "tools-"));

function folder(name: string, files: Readonly<Record<string, string>>): string {
  const made = mkdtempSync(join(HERE, `${name}-`));
  for (const [file, text] of Object.entries(files)) writeFileSync(join(made, file), text);
  return made;
}

/** A whole tool as a generated file has it, with a change of its text. */
function tool(change: (text: string) => string = (text) => text): string {
  return change(`import { z } from "zod";
import type { ReadDeclaration } from "#systems/contract.ts";

export const findOrder: ReadDeclaration = {
  kind: "read",
  connection: {
    name: "My shop",
    addressFrom: "MY_SHOP_URL",
    address: null,
    authentication: { kind: "bearer", secret: "MY_SHOP_KEY" },
    limits: { timeoutMs: 5000, answerBytesMax: 100000, perMinute: null },
  },
  name: "find_order",
  description: "One order.",
  minimumLevel: 2,
  input: z.strictObject({ order_id: z.string() }),
  from: {
    request: {
      method: "GET",
      path: "/orders/{id}",
      pathValues: { id: { from: "input", name: "order_id" } },
    },
    at: "",
    many: false,
    record: z.object({ id: z.string(), customer_id: z.string() }),
  },
  belongsTo: { by: "field", field: "customer_id", is: "customer_id" },
  personal: [],
  shownMax: 5,
};
`);
}

const INDEX = `import { findOrder } from "./find-order.ts";
export const tools = [findOrder];
`;

describe("the folder of tools", () => {
  after(() => rmSync(HERE, { recursive: true }));

  test("several folders are one set of tools: names are told apart, and two systems are not one", async () => {
    const first = folder("first", { "index.ts": INDEX, "find-order.ts": tool() });
    const renamed = (text: string) => text.replace('"find_order"', '"find_parcel"');
    const second = folder("second", { "index.ts": INDEX, "find-order.ts": tool(renamed) });
    assert.deepEqual(
      (await readTools([first, second], [])).map(({ name }) => name),
      ["find_order", "find_parcel"],
    );
    await assert.rejects(
      readTools([first, folder("same", { "index.ts": INDEX, "find-order.ts": tool() })], []),
      /find_order/,
    );
    const other = (text: string) => renamed(text).replace("MY_SHOP_KEY", "OTHER_KEY");
    const third = folder("third", { "index.ts": INDEX, "find-order.ts": tool(other) });
    await assert.rejects(readTools([first, third], []), /two different systems are called My shop/);
  });

  test("a mistake is told with file, tool and field, and no tool of the folder is used", async () => {
    const wrong: readonly (readonly [string, (text: string) => string, RegExp])[] = [
      ["form", (text) => text.replace("shownMax: 5", "shownMax: 0"), /shownMax: /],
      [
        "meaning",
        (text) => text.replace('field: "customer_id",', 'field: "owner",'),
        /belongsTo\.field: the record has no field owner/,
      ],
    ];
    for (const [name, change, words] of wrong) {
      const made = folder(name, { "index.ts": INDEX, "find-order.ts": tool(change) });
      await assert.rejects(readTools([made], []), ({ message }: Error) => {
        assert.match(message, /- find-order\.ts: find_order: /);
        assert.match(message, words);
        return true;
      });
    }
  });

  test("a folder without an index, one that cannot be read, and one without a list are told as such", async () => {
    await assert.rejects(readTools([folder("empty", {})], []), /there is no index.ts/);
    await assert.rejects(
      readTools([folder("broken", { "index.ts": "export const tools = [" })], []),
      /cannot be read/,
    );
    await assert.rejects(
      readTools([folder("other", { "index.ts": "export const tool = 1;" })], []),
      /has to export a list named tools/,
    );
  });
});

test("the secrets of own systems that are set are named once, with their source and without their value", () => {
  const connection = {
    ...findOrder().connection,
    authentication: { kind: "bearer", secret: "LAMP_KEY" } as const,
  };
  const files: Record<string, string> = { LAMP_KEY: "s3cret", LAMP_KEY_FILE: "/run/lamp" };
  const settings = { text: (name: string) => files[name] ?? null, file: () => "" };
  const found = systemSecrets([findOrder(connection), refundThere(connection)], settings);
  assert.deepEqual(found, [{ name: "LAMP_KEY", source: "file", writtenAt: null }]);
  assert.deepEqual(systemSecrets([findOrder()], { ...settings, text: () => null }), []);
});
