/** Attempts to read another customer's rows through look-ups in a database, of every kind of binding. */
import { z } from "zod";
import type { SqlReadDeclaration } from "#systems/sql/declaration.ts";
import { lookUp } from "#systems/declared-tools.ts";
import type { Requester } from "#systems/request-values.ts";
import type { SqlClient } from "#systems/sql/statement.ts";
import { findOrder, listOrders } from "#test/systems/sql/shop-tables.ts";

const OWNERS = ["c-1", "ada@example.com"];

/** Everyone but Ada, and what a comparison might take for her. */
const ASKERS: readonly Requester[] = [
  "c-2",
  "C-1",
  "c-1 ",
  " c-1",
  "c-_",
  "%",
  "ç-1",
  "1",
  "0",
  "",
  "c-1' or '1'='1",
  null,
].flatMap((customer_id) => [
  { customer_id, system_id: null, email: null },
  { customer_id, system_id: null, email: "ben@example.com" },
  { customer_id, system_id: null, email: "ada@example.com " },
  { customer_id, system_id: null, email: "adá@example.com" },
]);

const IDS: readonly unknown[] = [
  "o-1",
  "o-2",
  "O-1",
  "o-1 ",
  "%",
  "' or 1=1 -- ",
  0,
  1,
  ["o-1"],
  null,
];

/** What the attempts came to. */
interface TableFigures {
  readonly attempts: number;
  /** Of them, those that showed a row of Ada's. */
  readonly disclosed: number;
  /** Her own rows, which the look-ups do show her. */
  readonly own: number;
}

/** Asks for Ada's orders as everyone else, in a database with the shop's tables. */
export async function measureTables(
  client: SqlClient,
  schema: string | null,
): Promise<TableFigures> {
  const { signal } = new AbortController();
  const shown = async (tool: SqlReadDeclaration, order_id: unknown, asker: Requester) => {
    const open = { ...tool, record: z.looseObject({ id: z.string() }), shownMax: 10 };
    const { records } = await lookUp(open, client, { order_id }, asker, signal);
    return records.filter(({ id }) => id === "o-1" || id === "o-2").length;
  };
  const tools = [findOrder(schema), listOrders(schema, "contact"), listOrders(schema, "customer")];
  let attempts = 0;
  let disclosed = 0;
  for (const tool of tools)
    for (const asker of ASKERS)
      for (const id of Object.keys(tool.from.lookUp).length === 0 ? [null] : IDS) {
        attempts += 1;
        if ((await shown(tool, id, asker)) > 0) disclosed += 1;
      }
  const [customer_id = "", email = ""] = OWNERS;
  let own = 0;
  for (const tool of tools)
    own += await shown(tool, "o-1", { customer_id, email, system_id: null });
  return { attempts, disclosed, own };
}
