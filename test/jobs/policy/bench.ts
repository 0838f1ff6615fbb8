/** The real jobs over a real database and the sample shop, with a policy file to edit and a desk in memory. */
import { proof } from "#test/jobs/customers.ts";
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before } from "node:test";
import type { z } from "zod";
import { sql, type SQL } from "#store/db/drizzle.ts";
import type {
  Button,
  Card,
  DeskAnswer,
  DeskDecision,
  DeskTeammate,
} from "#core/contracts/approval-desk.ts";
import type { Message } from "#core/values/message.ts";
import { createFakeQueue } from "#evals/harness/fake-queue.ts";
import { caseClock } from "#evals/harness/clock.ts";
import { deliveryOf, memoryChannel, type Sent } from "#evals/harness/memory-channel.ts";
import { allTables, forgetting } from "#evals/harness/forgetting.ts";
import { openResettableShop } from "#evals/harness/shop.ts";
import { deskHandler } from "#jobs/decisions/desk-handler.ts";
import { intake } from "#jobs/intake.ts";
import { connectedChannel, type JobContext } from "#jobs/context/job-context.ts";
import { checkPolicyFile, type PolicyCheck } from "#jobs/policy/change.ts";
import { policyWatch, type PolicyWatch, type WatchedFile } from "#jobs/policy/watch-file.ts";
import { processConversation } from "#jobs/worker/process-conversation.ts";
import { loadPolicy, storedPolicy, type LoadedPolicy } from "#policy/load-policy.ts";
import { CUSTOMERS } from "#sandbox/world.ts";
import { rowsOf } from "#store/db/database.ts";
import { readConfig } from "#config/environment.ts";
import { policyFileStamp, readPolicyFile, writePolicyFile } from "#config/policy-file.ts";
import { installationSecrets } from "#store/db/installation-secrets.ts";
import { compose } from "#app/compose.ts";
import { randomIds } from "#app/shared-clock.ts";
import { pendingApproval, type Approval } from "#store/approvals/approvals.ts";
import { messageOf, sharedDatabase, silentLog, type OpenedStore } from "#test/store/bench.ts";
import { openedBy } from "#test/support/opened.ts";
import { SANDBOX_POLICY } from "#test/support/real-parts.ts";
import { MAIN_DATABASE, type DatabaseKind } from "#test/support/deskhand.ts";
import { keptDesk, PEOPLE } from "./desk.ts";
import { NOTHING_EMBEDDED } from "#connections/connect-all.ts";

const ARRIVED_BEFORE_MS = 60_000;
const WAKES_MAX = 10;

const SIGNED = "DKIM signature of customer.test matches the From address";

const [ANN] = CUSTOMERS;
export const [, BOB] = CUSTOMERS;

const SANDBOX = readFileSync(SANDBOX_POLICY, "utf8");

/** Tables that hold nothing a test may have written. */
const KEPT_TABLES = ["setting", "help_page", "help_passage"];

/** Starts with the sandbox's policy as an operator's own file. */
export async function openPolicyBench(kind: DatabaseKind = MAIN_DATABASE): Promise<PolicyBench> {
  const { opened: database } = await sharedDatabase(kind);
  try {
    return await benchOn(database);
  } catch (error) {
    // A database that stays open would keep the test from ending.
    await database.close();
    throw error;
  }
}

/** The same for all tests of a file or of a group: it opens before the first and closes after the last. */
export function policyBenchForTests(kind?: DatabaseKind): PolicyBench {
  const now: { opened?: PolicyBench } = {};
  before(async () => {
    now.opened = await openPolicyBench(kind);
  });
  after(() => now.opened?.close());
  return openedBy(() => now.opened);
}

/** A customer as the person who writes. */
type Writer = Pick<(typeof CUSTOMERS)[number], "name" | "email"> &
  Partial<Pick<Message, "identity">>;

/** What a test can do with a policy, its desk and its file. */
export type PolicyBench = Awaited<ReturnType<typeof benchOn>>;

/** A card as the desk shows it, or as it is stored. */
type Pressed = Pick<Card, "approvalId" | "version"> | Pick<Approval, "id" | "version">;

async function benchOn(database: OpenedStore) {
  const { store } = database;
  const folder = mkdtempSync(join(tmpdir(), "deskhand-policy-"));
  const path = join(folder, "deskhand.policy.yaml");
  writeFileSync(path, SANDBOX);
  mkdirSync(join(folder, "blobs"), { recursive: true });
  const config = readConfig({ DESKHAND_DATA: folder, DESKHAND_POLICY: path, EMBEDDINGS: "off" });
  const clock = caseClock();
  const shop = await openResettableShop(join(folder, "shop"), clock);
  const fakeQueue = createFakeQueue();
  const source = { kind: "file", name: "deskhand.policy.yaml" } as const;
  const file: WatchedFile = {
    source,
    stamp: () => policyFileStamp(config),
    read: () => readPolicyFile(config),
    get write() {
      return standing.isWritten ? (text: string) => writePolicyFile(config, text) : null;
    },
  };
  const starting = { store, clock, ids: randomIds };
  const first = await checkPolicyFile(starting, source, file.read(), "start");
  const wired = await compose(
    {
      config,
      store,
      queue: fakeQueue.queue,
      embedded: { ...NOTHING_EMBEDDED, shop },
      clock,
      log: silentLog,
      appUrl: () => "http://127.0.0.1",
      worker: "bench",
      secrets: await installationSecrets(store, clock),
    },
    loadPolicy(first.inForce.text, "in force"),
  );
  const tables = await allTables(store);
  const forget = await forgetting(
    store,
    tables.filter((name) => !KEPT_TABLES.includes(name)),
  );
  const sent: Sent[] = [];
  const said: string[] = [];
  const desk = keptDesk();
  const email = memoryChannel("email", sent);
  const parts: JobContext & Pick<typeof wired, "policy" | "agentParts"> = {
    ...wired,
    desk,
    channels: new Map([...wired.channels, ["email", email]]),
    targets: new Map([...wired.targets, ["email", email], ["desk", desk]]),
  };
  const watchFrom = (inForce: PolicyCheck["inForce"]): PolicyWatch =>
    policyWatch({
      context: parts,
      file,
      requireRules: (read) => wired.requireRules(read),
      say: (line) => said.push(line),
      inForce,
    });
  const standing = {
    original: SANDBOX,
    watch: watchFrom(first.inForce),
    conversation: "",
    clicks: 0,
    edits: 0,
    isWritten: false,
  };

  async function processWoken(): Promise<void> {
    for (let wakes = 0; wakes < WAKES_MAX; wakes += 1) {
      const next = fakeQueue.take();
      if (next.length === 0) return;
      for (const id of next) await processConversation(parts, id);
    }
  }
  const waiting = (): Promise<Approval | null> => store.run(pendingApproval, standing.conversation);

  const pressed = (
    who: DeskTeammate,
    card: Pressed,
    button: Button,
    edit: DeskDecision["edit"] = null,
  ): Promise<DeskAnswer> => {
    standing.clicks += 1;
    return deskHandler(parts, () => standing.watch.tick()).decide({
      decisionId: `click-${standing.clicks}`,
      approvalId: "id" in card ? card.id : card.approvalId,
      version: card.version,
      button,
      teammate: who,
      reason: button === "reject" ? "It has a mistake" : "",
      edit,
    });
  };
  const look = async (): Promise<void> => {
    await standing.watch.tick();
    await standing.watch.tick();
  };
  const edit = (change: (text: string) => string): void => {
    // A text of the same length within the same moment would look unchanged to the file system.
    standing.edits += 1;
    writeFileSync(path, `${change(standing.original)}\n#${".".repeat(standing.edits)}\n`);
  };
  const tell = async (text: string, writer: Writer = ANN): Promise<string> => {
    const at = new Date(clock.now().getTime() - ARRIVED_BEFORE_MS);
    const { name, email, identity } = writer;
    const message = messageOf(`message-${randomIds.next("m")}`, {
      author: { kind: "requester", id: `email:${email}`, name },
      subject: "Question",
      text,
      sentAt: at.toISOString(),
      // Their provider's signature says that it is they who write.
      identity: identity ?? proof(2, "dkim", SIGNED, email),
      answerTo: { label: email, audience: "private", address: {} },
    });
    const taken = await intake(
      parts,
      connectedChannel(parts, "email"),
      deliveryOf(message.key, message, at),
    );
    standing.conversation = taken.conversationIds[0] ?? "";
    await processConversation(parts, standing.conversation);
    await processWoken();
    return standing.conversation;
  };
  const restart = async (): Promise<PolicyCheck> => {
    const considered = await checkPolicyFile(starting, source, file.read(), "start");
    parts.policy.replace(storedPolicy(considered.inForce));
    standing.watch = watchFrom(considered.inForce);
    return considered;
  };
  const waitingPolicy = (): readonly Card[] =>
    [...desk.cards.values()].filter(
      ({ kind: is, state }) => is === "policy" && state === "pending",
    );

  return {
    parts,
    store,
    clock,
    shop,
    desk,
    /** Everything customers were sent. */
    sent,
    /** Lines the operator reads. */
    said,
    /** The text of the file before the first start. */
    original: () => standing.original,
    /** The file as the console sees it. */
    file: {
      source,
      text: () => file.read(),
      isWritten: () => standing.isWritten,
      requireRules: (read: LoadedPolicy) => wired.requireRules(read),
    },
    /**
     * Forgets everything and starts for the first time, with what `prepare` makes of the sandbox's policy; `isWritten`
     * where the process may write the file.
     */
    async begin(prepare = (text: string) => text, isWritten = false): Promise<void> {
      standing.isWritten = isWritten;
      standing.original = prepare(SANDBOX);
      writeFileSync(path, standing.original);
      await forget();
      await store.run((transaction) =>
        transaction.execute(sql`delete from setting where name = 'audit.head'`),
      );
      shop.restart({ refunds: [], shop: "up" });
      clock.restart();
      fakeQueue.take();
      sent.splice(0);
      said.splice(0);
      desk.cards.clear();
      desk.notices.splice(0);
      await restart();
    },
    get watch(): PolicyWatch {
      return standing.watch;
    },
    /** Writes the policy file anew: what `change` makes of the original. */
    edit,
    /** Brings what `change` makes of the original into force, with both leads agreeing where it needs them. */
    async enforce(change: (text: string) => string): Promise<void> {
      edit(change);
      await look();
      for (const card of waitingPolicy())
        for (const lead of [PEOPLE.lea, PEOPLE.lee]) await pressed(lead, card, "approve");
      assert.equal(parts.policy.version, loadPolicy(change(standing.original), "wanted").version);
      await processWoken();
    },
    remove: () => rmSync(path),
    /** Rows of a hand-written statement. */
    rows: <Row extends z.ZodType>(row: Row, query: SQL) =>
      store.run((transaction) => rowsOf(transaction, row, query)),
    /** As often as a change of the file needs to be seen. */
    look,
    /** As a process that ends and is started again: nothing but the rows and the file is known afterwards. */
    restart,
    /** A message of a customer (Ann, unless said otherwise), worked on as far as it goes; gives its conversation. */
    tell,
    /** The same by Ann; gives what waits then. */
    async ask(text: string): Promise<Approval> {
      await tell(text);
      const card = await waiting();
      assert.ok(card, "nothing waits for a decision");
      return card;
    },
    waiting,
    processWoken,
    press: (who: DeskTeammate, card: Pressed, button: Button) => pressed(who, card, button),
    edited: (who: DeskTeammate, card: Pressed, changed: NonNullable<DeskDecision["edit"]>) =>
      pressed(who, card, "edit", changed),
    /** The one card about the policy that waits. */
    proposal(): Card {
      const found = waitingPolicy();
      assert.equal(found.length, 1, `${found.length} changes of the policy wait`);
      const [card] = found;
      assert.ok(card);
      return card;
    },
    async close(): Promise<void> {
      await wired.close();
      await shop.close();
      rmSync(folder, { recursive: true, force: true });
      await database.close();
    },
  };
}
