/**
 * A world like a customer's: a shop whose customers have written before and of whom some have many orders, and help pages
 * by the hundred. Beside it the sample's one customer, for counts that are compared over years.
 */
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CUSTOMERS, ORDERS, type SampleCustomer, type SampleOrder } from "#sandbox/world.ts";
import type { Fleet } from "./fleet.ts";

/** Who asks, and the order that is asked about; it has not left the warehouse. */
export interface Asker {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly order: string;
}

const [ANN, BOB, CARA] = CUSTOMERS;

/** The sample's customer with four orders, who asks everything. */
export const ANN_ALONE: readonly Asker[] = [{ ...ANN, order: "456" }];

const CUSTOMERS_OF_SHOP = 60;
/** Each tenth customer has many orders, the others have few. */
const MANY = { each: 10, orders: 50 } as const;
const FEW = 4;
const HELP_PAGES = 200;

/** What the shop starts with, and who asks in turn. */
export interface CustomerWorld {
  readonly shop: {
    readonly customers: readonly SampleCustomer[];
    readonly orders: readonly SampleOrder[];
  };
  readonly askers: readonly Asker[];
}

/** The people whom Zendesk and Slack of the sandbox know come first: Ann has many orders, Bob and Cara few. */
export function customerWorld(): CustomerWorld {
  const others = Array.from({ length: CUSTOMERS_OF_SHOP - CUSTOMERS.length }, (_, index) => ({
    id: `u${1_000 + index}`,
    name: `Robin Customer${index}`,
    email: `robin${index}@customer.test`,
  }));
  const askers = [ANN, BOB, CARA, ...others].map((customer, index) => ({
    ...customer,
    order: index === 0 ? "456" : String(10_000 + index * 100),
  }));
  const orders = askers.flatMap((asker, index) => {
    const has = ORDERS.filter(({ customerId }) => customerId === asker.id).length;
    const wanted = index % MANY.each === 0 ? MANY.orders : FEW;
    return Array.from({ length: Math.max(1, wanted - has) }, (_, place) =>
      orderOf(asker, index, place),
    ).filter(({ id }) => id !== "456");
  });
  return {
    shop: { customers: [ANN, BOB, CARA, ...others], orders: [...ORDERS, ...orders] },
    askers,
  };
}

/** The first is the one that is asked about; the others arrived some days ago. */
function orderOf(asker: Asker, index: number, place: number): SampleOrder {
  const days = 3 + place * 4;
  return {
    id: place === 0 ? asker.order : String(10_000 + index * 100 + place),
    customerId: asker.id,
    amountMinor: 1_500 + place * 250,
    ...(place === 0
      ? { item: "desk lamp", status: "processing" as const }
      : {
          item: `article ${place}`,
          status: "delivered" as const,
          shipped: { daysFromNow: -days - 2 },
          delivered: { daysFromNow: -days },
        }),
  };
}

/** The customers again and again, in their order. */
export function inTurn<One>(askers: readonly One[]): () => One {
  const turns = { next: 0 };
  return () => {
    const asker = askers[turns.next % askers.length];
    turns.next += 1;
    if (asker === undefined) throw new Error("nobody asks");
    return asker;
  };
}

export function questionOf({ order }: Asker): string {
  return `Where is my order ${order}?`;
}

/** Has a process read the sample's help pages and as many more as make two hundred. */
export async function addHelpPages(fleet: Fleet): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "bench-pages-"));
  const sample = join(import.meta.dirname, "../../../src/knowledge/pages");
  cpSync(sample, folder, { recursive: true });
  for (let page = readdirSync(sample).length; page < HELP_PAGES; page += 1)
    writeFileSync(join(folder, `article-${page}.md`), helpPage(page));
  try {
    const { exitCode, stderr } = await fleet.web.command("knowledge", "add", folder);
    if (exitCode !== 0) throw new Error(`the help pages were not read: ${stderr}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function helpPage(page: number): string {
  const sections = ["Delivery", "Care", "Spare parts", "Set-up"].map(
    (title, index) =>
      `## ${title} of article ${page}\n\nArticle ${page} takes ${index + 2} working days. ${`We handle part ${index} of article ${page} with care and tell you when it is on its way. `.repeat(6)}`,
  );
  const head = `---\ntitle: About article ${page}\nurl: https://help.ourshop.test/article-${page}\nupdated: 2026-02-01\n---`;
  return `${head}\n\n${sections.join("\n\n")}\n`;
}
