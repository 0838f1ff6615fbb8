/** An installation in a world like a customer's, with all channels connected, whose customers have all written before. */
import pg from "pg";
import { ownPostgres } from "#test/faults/own-postgres.ts";
import { startFakeModel } from "#test/bench/loops/turns.ts";
import { mailSource } from "#test/bench/paths/mail-source.ts";
import type { Source } from "#test/bench/paths/path.ts";
import { chatSource, slackSource } from "#test/bench/paths/sources.ts";
import { zendeskSource } from "#test/bench/paths/zendesk-source.ts";
import { dovecotMissing } from "#test/dovecot/server.ts";
import { startSharedServices } from "#test/support/processes.ts";
import { until } from "#test/support/waiting.ts";
import { askInChat } from "./chat-load.ts";
import { addHelpPages, customerWorld, inTurn, type Asker } from "./customers.ts";
import { startFleet, type Fleet } from "./fleet.ts";

/** How the installation differs. */
export interface CustomerFleetOptions {
  readonly workers: number;
  /** Whether a second model reads answers before they go out. */
  readonly verified: boolean;
  /** False for a PostgreSQL that answers before anything is on the disk. */
  readonly isDurable?: boolean;
  readonly tapped?: boolean;
  readonly say: (line: string) => void;
}

export interface CustomerFleet {
  readonly fleet: Fleet;
  /** By channel; no mail where this machine has no Dovecot. */
  readonly sources: ReadonlyMap<string, Source>;
  /** The customer who asks next. */
  readonly next: () => Asker;
}

/**
 * How often each customer wrote before, for each worker. It is also what V8 needs to compile what runs often: a worker
 * takes a third longer for each of its first two hundred conversations than for those after them.
 */
const EARLIER = 5;

/** Starts it with a web, a channels and some worker processes, gives it to `use` and ends it. */
export async function withCustomerFleet<Found>(
  options: CustomerFleetOptions,
  use: (running: CustomerFleet) => Promise<Found>,
): Promise<Found> {
  const { workers, verified, tapped = false, say } = options;
  const { shop, askers } = customerWorld();
  const next = inTurn(askers);
  const closers: (() => unknown)[] = [];
  try {
    const shared = await startSharedServices({ world: shop });
    closers.push(() => shared.close());
    const model = await startFakeModel();
    closers.push(() => model.stop());
    const database = options.isDurable === false ? await ownPostgres({ settings: HASTY }) : null;
    closers.push(async () => database?.close());
    const sources = new Map<string, Source>();
    const connect = async (name: string, opening: Promise<Source>): Promise<void> => {
      const source = await opening;
      closers.push(() => source.close());
      sources.set(name, source);
    };
    await connect("chat", chatSource(askers));
    if (dovecotMissing === false) await connect("mail", mailSource(askers));
    else say(`no mail: ${dovecotMissing}`);
    await connect("zendesk", zendeskSource(askers));
    await connect("slack", slackSource());
    const fleet = await startFleet({
      roles: ["web", "channels", ...Array.from({ length: workers }, () => "worker" as const)],
      tapped,
      verified,
      environment: Object.assign(
        { OPENAI_BASE_URL: model.url, ...(database && { DATABASE_URL: database.url }) },
        ...[...sources.values()].map(({ environment }) => environment),
      ),
      shared,
    });
    closers.push(() => fleet.close());
    for (const source of sources.values()) await source.connect(fleet);
    await addHelpPages(fleet);
    await pagesCompared(database?.url ?? shared.databaseUrl);
    const count = askers.length * EARLIER * workers;
    await askInChat(fleet.web.url, { count, atOnce: 8, next });
    return await use({ fleet, sources, next });
  } finally {
    for (const close of closers.toReversed()) await close();
  }
}

/** Comparing new pages is what an installation does once: no part of being idle, of a conversation, nor of a job. */
async function pagesCompared(connectionString: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    await client.query("update help_page set compare_at = 'infinity' where compare_at is null");
    const open = "select from help_page where source <> 'file' and compare_at < 'infinity'";
    await until(
      "the pages that are being compared",
      async () => (await client.query(open)).rowCount === 0,
      COMPARED_MS,
    );
  } finally {
    await client.end();
  }
}

/** A worker compares up to twenty at a time. */
const COMPARED_MS = 120_000;

const HASTY = {
  fsync: "off",
  synchronous_commit: "off",
  full_page_writes: "off",
  shared_buffers: "64MB",
  max_connections: "300",
};
