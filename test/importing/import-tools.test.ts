/** The folder of tools an import writes: whole or not at all, and with what people changed in it. */
import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { importTools } from "#importing/command/tools.ts";
import type { OpenedSystem } from "#importing/description.ts";
import { ANSWERS, opened, OPERATIONS } from "./small-shop.ts";

// Inside the project, so that the files find its packages.
const scratch = await mkdtemp(join(import.meta.dirname, "..", "..", ".imported-"));
after(() => rm(scratch, { recursive: true, force: true }));

/** Imports the small shop into a folder of its own and returns what was printed; `said` is what it ended with. */
async function run(
  folder: string,
  {
    answers = ANSWERS,
    system = opened(),
    only = [],
  }: { answers?: string; system?: OpenedSystem; only?: readonly string[] } = {},
) {
  const printed: string[] = [];
  await mkdir(join(scratch, folder), { recursive: true });
  await writeFile(join(scratch, folder, "answers.yaml"), answers);
  const options = { only, out: "tools", name: "small-shop", answersFile: "answers.yaml" };
  const place = {
    folder: join(scratch, folder),
    terminal: null,
    print: (text: string) => printed.push(text),
  };
  const said = await importTools(system, options, place).then(
    () => null,
    (error: Error) => error.message,
  );
  return { printed: printed.join("\n"), said };
}

function pathOf(folder: string, name: string): string {
  return join(scratch, folder, "tools", "small-shop", name);
}

/** The small shop of a later version: refunds take a reason. */
function laterShop(): OpenedSystem {
  return opened(
    OPERATIONS.map((one) => (one.name === "get_order" ? { ...one, path: "/v2/orders/{id}" } : one)),
  );
}

describe("an import of tools", () => {
  test("writes one file a tool, the connection, the list and lines for the policy, and the list can be loaded", async () => {
    const { said } = await run("first");
    assert.equal(said, null);
    assert.deepEqual((await readdir(join(scratch, "first", "tools", "small-shop"))).sort(), [
      ".imported.json",
      "connection.ts",
      "get-order.test.ts",
      "get-order.ts",
      "index.ts",
      "policy.yaml",
      "refund-order.test.ts",
      "refund-order.ts",
      "small-shop-list-orders.test.ts",
      "small-shop-list-orders.ts",
    ]);
    const { tools } = await import(pathOf("first", "index.ts"));
    assert.deepEqual(
      tools.map(({ name }: { name: string }) => name),
      ["get_order", "refund_order", "small_shop_list_orders"],
    );
    assert.match(
      await readFile(pathOf("first", "policy.yaml"), "utf8"),
      /refund_order:[^]*verdict: ask/,
    );
  });

  test("says which inputs a tool leaves out, where the operator did not choose them", async () => {
    const { printed } = await run("left-out", {
      answers: ANSWERS.replace("  input: []\n", "").replace(
        "belongs: { parameter: customer, is: system_id, field: customer.id }",
        "belongs: { field: customer.id, is: system_id }",
      ),
    });
    assert.match(printed, /small_shop_list_orders leaves out customer: /);
    assert.doesNotMatch(printed, /refund_order leaves out/);
  });

  test("again changes nothing when nothing has changed", async () => {
    await run("again");
    const { printed } = await run("again");
    assert.doesNotMatch(printed, /: (?:new|changed|kept)/);
  });

  test("of a changed document shows what differs and keeps what a person changed", async () => {
    await run("kept");
    const before = await readFile(pathOf("kept", "get-order.ts"), "utf8");
    await writeFile(
      pathOf("kept", "get-order.ts"),
      before.replace("Reads one order of the customer", "Reads one purchase of the customer"),
    );
    const { printed, said } = await run("kept", { system: laterShop() });
    assert.equal(said, null);
    const now = await readFile(pathOf("kept", "get-order.ts"), "utf8");
    assert.match(now, /Reads one purchase[^]*path: "\/v2\/orders\/\{id\}"/);
    assert.match(
      printed,
      /get-order\.ts: changed\n[^]*- +path: "\/orders\/\{id\}",\n +\+ +path: "\/v2\/orders\/\{id\}"/,
    );
  });

  test("keeps the person's line where both changed it, and says which line it could not join", async () => {
    await run("both");
    const before = await readFile(pathOf("both", "get-order.ts"), "utf8");
    await writeFile(
      pathOf("both", "get-order.ts"),
      before.replace('path: "/orders/{id}"', 'path: "/ours/{id}"'),
    );
    const { printed } = await run("both", { system: laterShop() });
    assert.match(await readFile(pathOf("both", "get-order.ts"), "utf8"), /path: "\/ours\/\{id\}"/);
    assert.match(
      printed,
      /line \d+ was changed by hand and by this import[^]*ours +path: "\/ours\/[^]*import +path: "\/v2\//,
    );
  });

  test("of one more operation keeps the tools that were there, and a deleted one stays away from the list", async () => {
    await run("more", { only: ["get_order", "list_orders"] });
    await rm(pathOf("more", "small-shop-list-orders.ts"));
    const index = await readFile(pathOf("more", "index.ts"), "utf8");
    await writeFile(pathOf("more", "index.ts"), index.replaceAll(/.*listOrders,?.*\n/g, ""));
    await run("more", { only: ["create_refund"] });
    const after = await readFile(pathOf("more", "index.ts"), "utf8");
    assert.match(after, /getOrder[^]*refundOrder/);
    assert.doesNotMatch(after, /listOrders/);
  });

  test("does not make again what a person deleted, tells it each time, and makes it when it is named", async () => {
    await run("deleted");
    await rm(pathOf("deleted", "refund-order.ts"));
    await rm(pathOf("deleted", "small-shop-list-orders.test.ts"));
    const names = async () => await readdir(join(scratch, "deleted", "tools", "small-shop"));
    for (let time = 0; time < 2; time += 1) {
      const { printed, said } = await run("deleted");
      assert.equal(said, null);
      assert.match(printed, /refund-order\.ts: deleted by hand and not made again/);
      assert.match(printed, /list-orders\.test\.ts: deleted by hand/);
      assert.ok(
        !(await names()).some((name) =>
          /^refund-order\.ts|small-shop-list-orders\.test/.test(name),
        ),
      );
      const index = await readFile(pathOf("deleted", "index.ts"), "utf8");
      assert.doesNotMatch(index, /refund-order/);
      assert.match(index, /list-orders/);
    }
    const { printed } = await run("deleted", { only: ["create_refund"] });
    assert.match(printed, /refund-order\.ts: new/);
    assert.ok((await names()).includes("refund-order.ts"));
    assert.match(await readFile(pathOf("deleted", "index.ts"), "utf8"), /refund-order/);
  });

  test("refuses a folder with files that are not its own, and leaves it as it is", async () => {
    await mkdir(join(scratch, "foreign", "tools", "small-shop"), { recursive: true });
    await writeFile(pathOf("foreign", "connection.ts"), "mine");
    const { said } = await run("foreign");
    assert.match(said ?? "", /has files that no import made: connection\.ts\. Nothing was changed/);
    assert.deepEqual(await readdir(join(scratch, "foreign", "tools", "small-shop")), [
      "connection.ts",
    ]);
  });

  test("makes the answered tools, refuses the others by name, and prints the questions as a file to fill in", async () => {
    const { printed, said } = await run("partly", {
      answers: ANSWERS.replace(/ {2}find: .*\n/, ""),
    });
    assert.match(said ?? "", /1 of 3 operations became no tool; the others were made/);
    assert.match(
      printed,
      /create_refund became no tool:\n {2}create_refund\.find: say how it is found out/,
    );
    assert.match(printed, /create_refund:\n {2}# say how[^\n]*\n {2}# find:/);
    assert.deepEqual(
      (await readdir(join(scratch, "partly", "tools", "small-shop")))
        .filter((name) => name.endsWith(".ts"))
        .sort(),
      [
        "connection.ts",
        "get-order.test.ts",
        "get-order.ts",
        "index.ts",
        "small-shop-list-orders.test.ts",
        "small-shop-list-orders.ts",
      ],
    );
  });

  test("with two tools of one name writes nothing and names both", async () => {
    const { said } = await run("collide", {
      answers: ANSWERS.replace("input: []", "input: []\n  tool: get_order"),
    });
    assert.match(
      said ?? "",
      /list_orders\.tool: get_order would have the same name as the tool of get_order/,
    );
    assert.deepEqual(await readdir(join(scratch, "collide")), ["answers.yaml"]);
  });

  test("asks a person on a terminal, says why an answer does not fit, and takes a suggestion on return", async () => {
    const typed = ["{ by: maybe }", "{ by: nothing, because: the shop keeps no record of it }"];
    const said: string[] = [];
    const terminal = () => ({
      say: (text: string) => void said.push(text),
      ask: async () => typed.shift() ?? "-",
      close: () => undefined,
    });
    await mkdir(join(scratch, "asked"));
    await writeFile(join(scratch, "asked", "answers.yaml"), ANSWERS.replace(/ {2}find: .*\n/, ""));
    const options = { only: [], out: "tools", name: "small-shop", answersFile: "answers.yaml" };
    await importTools(opened(), options, {
      folder: join(scratch, "asked"),
      terminal,
      print: () => undefined,
    });
    assert.match(
      said.join("\n"),
      /create_refund\.find: say how[^]*create_refund\.find: say \{by: key/,
    );
    assert.match(
      await readFile(pathOf("asked", "refund-order.ts"), "utf8"),
      /because: "the shop keeps no record of it"/,
    );
  });
});
