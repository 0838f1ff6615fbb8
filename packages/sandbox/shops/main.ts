/** Command line entry that runs one stand-in of a shop on its own. */
import { parseArgs } from "node:util";
import { reasonOf } from "#core/values/errors.ts";
import { isStandIn, startShop } from "./index.ts";

/**
 * `npm start -- sandbox shops stripe|woocommerce|shopify [--port P]`. Prints the settings under which the ready-made tools
 * find it, as lines for the file `.env`; SIGINT or SIGTERM ends it.
 */
const USAGE = "Usage: npm start -- sandbox shops stripe|woocommerce|shopify [--port P]";

function exitWith(reason: string): never {
  process.stderr.write(`sandbox shops: ${reason}\n`);
  process.exit(1);
}

function typed() {
  try {
    return parseArgs({ allowPositionals: true, options: { port: { type: "string" } } });
  } catch {
    return exitWith(USAGE);
  }
}

const { positionals, values } = typed();
const [name = ""] = positionals;
const port = values.port === undefined ? 0 : Number(values.port);
if (!isStandIn(name) || !Number.isInteger(port) || port < 0 || port > 65_535) exitWith(USAGE);
const shop = await startShop(name, port).catch((error: unknown) =>
  exitWith(`cannot start on port ${port}: ${reasonOf(error)}`),
);
const lines = Object.entries(shop.settings).map(([setting, value]) => `${setting}=${value}`);
process.stdout.write(`${lines.join("\n")}\n`);
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, () => void shop.close().then(() => process.exit(0)));
