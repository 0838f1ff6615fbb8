/** The folder of tools an import writes, and that nothing a person changed in it is lost. */
import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { readTools } from "#connections/system-tools.ts";
import { importTools } from "#importing/command/import-tools.ts";
import type { OpenedSystem } from "#importing/description.ts";
import { ANSWERS, opened, OPERATIONS, importSampleShop, ROOT } from "./small-shop.ts";
import { temporaryFolder } from "#test/support/temporary-folder.ts";

const scratch = await mkdtemp(join(tmpdir(), "imported-"));
after(() => rm(scratch, { recursive: true, force: true }));

/** Imports the small shop into a folder of its own and returns what was printed; `said` is what it ended with. */
async function run(
  folder: string,
  {
    answers = ANSWERS,
    system = opened(),
    only = [],
    terminal = null,
  }: {
    answers?: string;
    system?: OpenedSystem;
    only?: readonly string[];
    terminal?: Parameters<typeof importTools>[2]["terminal"];
  } = {},
) {
  const printed: string[] = [];
  await mkdir(join(scratch, folder), { recursive: true });
  await writeFile(join(scratch, folder, "answers.yaml"), answers);
  const options = { only, out: "tools", name: "small-shop", answersFile: "answers.yaml" };
  const place = {
    folder: join(scratch, folder),
    terminal,
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

const textOf = (folder: string, name: string) => readFile(pathOf(folder, name), "utf8");

const filesIn = async (folder: string) => (await readdir(pathOf(folder, ""))).sort();

/** The names of the tools that the product reads in the folder. */
const toolsIn = (folder: string) =>
  readTools([join(scratch, folder, "tools")], []).map(({ name }) => name);

/** The small shop of a later version: refunds take a reason. */
function laterShop(): OpenedSystem {
  return opened(
    OPERATIONS.map((one) => (one.name === "get_order" ? { ...one, path: "/v2/orders/{id}" } : one)),
  );
}

describe("an import of tools", () => {
  test("writes one file a tool, the connection and lines for the policy, and what it wrote passes every check", async () => {
    const { said, printed } = await run("first");
    assert.equal(said, null);
    assert.deepEqual(await filesIn("first"), [
      "connection.yaml",
      "get-order.yaml",
      "policy.yaml",
      "refund-order.yaml",
      "small-shop-list-orders.yaml",
    ]);
    assert.deepEqual(toolsIn("first"), ["get_order", "refund_order", "small_shop_list_orders"]);
    assert.match(
      await textOf("first", "policy.yaml"),
      /^operations:\n {2}refund_order:[^]*up_to[^]*verdict: ask/m,
    );
    assert.match(printed, /Set in \.env: TOOLS=tools, SMALL_SHOP_KEY/);
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

  test("of a changed document shows what differs", async () => {
    await run("changed");
    const { printed, said } = await run("changed", { system: laterShop() });
    assert.equal(said, null);
    assert.match(
      printed,
      /get-order\.yaml: changed\n[^]*- +path: \/orders\/\{id\}\n[^]*\+ +path: \/v2\/orders\/\{id\}/,
    );
    assert.match(await textOf("changed", "get-order.yaml"), /path: \/v2\/orders/);
  });

  test("lists the tools of an earlier import that are still in use", async () => {
    const { printed } = await run("earlier");
    assert.doesNotMatch(printed, /from before/);
    const later = await run("earlier", { only: ["get_order"] });
    assert.deepEqual(later.printed.match(/^ {2}\S+: from before, still in use/gm), [
      "  refund-order.yaml: from before, still in use",
      "  small-shop-list-orders.yaml: from before, still in use",
    ]);
  });

  test("leaves alone what a person changed, and writes beside it what it would have written", async () => {
    await run("kept");
    const before = await textOf("kept", "get-order.yaml");
    const ours = before.replace("Reads one order of the customer", "Reads one purchase");
    await writeFile(pathOf("kept", "get-order.yaml"), ours);
    const again = await run("kept");
    assert.match(again.printed, /get-order\.yaml: kept as a person changed it/);
    assert.doesNotMatch(again.printed, /from before/);
    const { printed, said } = await run("kept", { system: laterShop() });
    assert.equal(said, null);
    assert.equal(await textOf("kept", "get-order.yaml"), ours);
    assert.match(
      printed,
      /get-order\.yaml: kept as a person changed it; [^\n]* get-order\.new\.yaml, and differs so:\n[^]*- +description: Reads one purchase[^]*\+ +description: Reads one order[^]*\+ +path: \/v2\//,
    );
    const beside = await textOf("kept", "get-order.new.yaml");
    assert.match(beside, /Reads one order of the customer[^]*path: \/v2\/orders/);
    assert.equal(toolsIn("kept").length, 3);
    // Who takes over the new text has it as if nobody had changed anything.
    await writeFile(pathOf("kept", "get-order.yaml"), beside.replaceAll("\n", "\r\n"));
    const after = await run("kept", { system: laterShop() });
    assert.match(after.printed, /get-order\.yaml: as before/);
  });

  test("overwrites no file that it did not make, and asks for nothing where a person wrote the same", async () => {
    await mkdir(join(scratch, "foreign", "tools", "small-shop"), { recursive: true });
    await writeFile(pathOf("foreign", "connection.yaml"), "name: mine\n");
    await run("foreign");
    assert.equal(await textOf("foreign", "connection.yaml"), "name: mine\n");
    const beside = await textOf("foreign", "connection.new.yaml");
    await writeFile(
      pathOf("foreign", "connection.yaml"),
      beside.replaceAll(/^#.*\n/gm, "# Ours.\n"),
    );
    const { printed } = await run("foreign");
    assert.match(printed, /connection\.yaml: as before/);
  });

  test("of one more operation keeps the tools that were there, and the policy has lines for all", async () => {
    await run("more", { only: ["create_refund"] });
    await run("more", { only: ["get_order"] });
    assert.deepEqual(toolsIn("more"), ["get_order", "refund_order"]);
    assert.match(await textOf("more", "policy.yaml"), /refund_order:/);
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
    assert.deepEqual(await filesIn("partly"), [
      "connection.yaml",
      "get-order.yaml",
      "small-shop-list-orders.yaml",
    ]);
  });

  test("does not write a tool that a check would refuse, and says why", async () => {
    const { printed, said } = await run("refused", {
      answers: ANSWERS.replace("  input: []\n", "  input: []\n  level: 1\n"),
    });
    assert.match(said ?? "", /1 of the tools would be refused by `tools check`/);
    assert.match(
      printed,
      /not written: small-shop-list-orders\.yaml:\d+: small_shop_list_orders: minimumLevel: records of a customer need level 2/,
    );
    assert.deepEqual(toolsIn("refused"), ["get_order", "refund_order"]);
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
    const open = ANSWERS.replace(/ {2}find: .*\n/, "");
    const { printed } = await run("asked", { answers: open, terminal });
    // Only what the file does not have yet.
    assert.match(
      printed,
      /Add the answers to answers\.yaml:[^]*\ncreate_refund:\n[^]*because: the shop/,
    );
    assert.doesNotMatch(printed, /\nget_order:\n/);
    assert.match(
      said.join("\n"),
      /create_refund\.find: say how[^]*create_refund\.find: say \{by: key/,
    );
    assert.match(
      await textOf("asked", "refund-order.yaml"),
      /because: the shop keeps no record of it/,
    );
  });

  test("keeps what a person answered in a file that the next import begins with", async () => {
    const folder = join(scratch, "taken-over");
    await mkdir(folder);
    const ask = async () => "{ field: customer.email, is: email }";
    const terminal = () => ({ say: () => undefined, ask, close: () => undefined });
    const place = { folder, print: () => undefined };
    const options = { only: ["get_order"], out: "tools", name: "small-shop" };
    await importTools(opened(), { ...options, answersFile: null }, { ...place, terminal });
    const answersFile = "small-shop-answers.yaml";
    assert.match(await readFile(join(folder, answersFile), "utf8"), /^get_order:\n {2}belongs:/m);
    await importTools(opened(), { ...options, answersFile }, { ...place, terminal: null });
  });
});

const KEPT = join(ROOT, "adapters", "shops", "sample-shop");

async function textsIn(folder: string): Promise<ReadonlyMap<string, string>> {
  const names = (await readdir(folder)).toSorted();
  return new Map(
    await Promise.all(
      names.map(async (name) => [name, await readFile(join(folder, name), "utf8")] as const),
    ),
  );
}

test("importing the sample shop's document again gives the same bytes", async (context) => {
  const scratch = temporaryFolder(context);
  await importSampleShop(scratch);
  const [made, kept] = await Promise.all([textsIn(join(scratch, "sample-shop")), textsIn(KEPT)]);
  assert.ok(kept.has("refund-ourshop-order.yaml"));
  assert.deepEqual(made, kept);
});
