/** What is written down of cases: turns of one customer follow each other, and joins and separations stay as decided. */
import assert from "node:assert/strict";
import {
  MEMBERS_MAX,
  openElsewhere,
  openMatters,
  readOthers,
  readShownCases,
} from "#store/cases/members.ts";
import { test } from "node:test";
import {
  askAbout,
  type CaseEntry,
  joinConversations,
  keepApart,
  memberOf,
  rememberEntry,
} from "#store/cases/changes.ts";
import { claimLease } from "#store/conversations/lease.ts";
import { recordTurn } from "#store/conversations/record-turn.ts";
import { insertApproval } from "#store/approvals/approvals.ts";
import { rowFor } from "#test/store/approvals/rows.ts";
import { later, NOW, onEveryDatabase } from "#test/store/bench.ts";
import type { Transaction } from "#store/db/database.ts";
import { sql } from "#store/db/drizzle.ts";

const DAY_MS = 86_400_000;

onEveryDatabase("cases", (bench) => {
  const entryOf = (customerId: string, more: Partial<CaseEntry> = {}): CaseEntry => ({
    customerId,
    authorId: "email:ann@customer.test",
    brand: "ourshop",
    orders: ["789"],
    topic: "refund",
    writtenAt: NOW,
    waits: true,
    ...more,
  });
  const record = async (
    transaction: Transaction,
    conversationId: string,
    caseEntry: CaseEntry,
  ): Promise<readonly string[]> => {
    const lease = await claimLease(transaction, { conversationId, owner: "w", leaseMs: 60_000 });
    const recorded = await recordTurn(
      transaction,
      lease ?? assert.fail("it was not claimed"),
      {
        owner: "bot",
        hints: [],
        messages: [],
        change: {},
        outcomes: new Map(),
        holdsPause: true,
        chat: null,
        caseEntry,
        leavesCase: false,
      },
      NOW,
    );
    return recorded?.waiting ?? assert.fail("it was not recorded");
  };
  const remembered = async (customerId: string, more: Partial<CaseEntry> = {}) => {
    const id = await bench.conversation();
    await bench.run(rememberEntry, id, entryOf(customerId, more), NOW);
    return id;
  };
  const join = (one: string, other: string) => bench.run(joinConversations, [one, other], ["why"]);
  const caseOf = async (id: string) => (await bench.run(memberOf, id))?.caseId ?? null;

  test("of turns of one customer that end at once, each sees all that ended before it", async () => {
    const customer = bench.id("u");
    const ids = await Promise.all(Array.from({ length: 5 }, () => bench.conversation()));
    const seen = await bench.overManyConnections<readonly string[]>((run) =>
      ids.map((id, index) =>
        run(index, (transaction) => record(transaction, id, entryOf(customer))),
      ),
    );
    assert.deepEqual(
      seen.map((waiting) => waiting.length).toSorted((a, b) => a - b),
      [0, 1, 2, 3, 4],
    );
  });

  test("what the policy answered alone waits no more, and other customers are not seen", async () => {
    const customer = bench.id("u");
    const [first, second, stranger] = [
      await bench.conversation(),
      await bench.conversation(),
      await bench.conversation(),
    ];
    await bench.run(record, first, entryOf(customer));
    await bench.run(record, stranger, entryOf(bench.id("u")));
    const seen = await bench.run(record, second, entryOf(customer));
    assert.deepEqual(seen, [first]);
    const again = await bench.run(async (transaction) => {
      await rememberEntry(transaction, first, entryOf(customer, { waits: false }), NOW);
      await rememberEntry(transaction, second, entryOf(customer), NOW);
      return readOthers(transaction, [first, second, stranger], customer, NOW);
    });
    assert.equal(again.length, 2);
    const third = await bench.conversation();
    assert.deepEqual(await bench.run(record, third, entryOf(customer)), [second]);
  });

  test("orders once named stay when a later message names none", async () => {
    const customer = bench.id("u");
    const id = await remembered(customer);
    await bench.run(rememberEntry, id, entryOf(customer, { orders: [] }), NOW);
    assert.deepEqual((await bench.run(memberOf, id))?.orders, ["789"]);
  });

  test("joining two cases makes one of both", async () => {
    const customer = bench.id("u");
    const [one, two, three, four] = [
      await remembered(customer),
      await remembered(customer),
      await remembered(customer),
      await remembered(customer),
    ];
    await join(two, one);
    await join(four, three);
    await join(two, three);
    const cases = await Promise.all([one, two, three, four].map(caseOf));
    assert.equal(new Set(cases).size, 1);
    assert.notEqual(cases[0], null);
  });

  test("what was kept apart, and what is another customer's, is never joined", async () => {
    const customer = bench.id("u");
    const [one, two] = [await remembered(customer), await remembered(customer)];
    assert.equal(await join(one, await remembered(bench.id("u"))), null);
    await join(one, two);
    await bench.run(keepApart, [two]);
    assert.equal(await join(one, two), null);
    assert.equal(await caseOf(two), null);
  });

  test("a conversation that passes to another customer leaves its case", async () => {
    const customer = bench.id("u");
    const [one, two] = [await remembered(customer), await remembered(customer)];
    await join(one, two);
    await bench.run(rememberEntry, one, entryOf(bench.id("u")), NOW);
    assert.equal(await caseOf(one), null);
    assert.notEqual(await caseOf(two), null);
  });

  test("one look tells what waits elsewhere for a customer, and whether anything of theirs is open", async () => {
    const customer = bench.id("u");
    const [one, two] = [await remembered(customer), await remembered(customer)];
    const look = async (customerId: string) => {
      const found = await bench.run(openElsewhere, { customerId, id: one, now: NOW });
      return [found.others.map(({ member }) => member.conversationId), found.mayBeOpen];
    };
    assert.deepEqual(await look(customer), [[two], true]);
    assert.deepEqual(await look(bench.id("u")), [[], false]);
  });

  test("of what is older than a case lasts, or than as many as are read of one, what has a card is read alone", async () => {
    const customer = bench.id("u");
    const daysAgo = (days: number) => remembered(customer, { writtenAt: later(-days * DAY_MS) });
    const recent: string[] = [];
    const oldest: string[] = [];
    for (let count = 1; count <= MEMBERS_MAX; count += 1) recent.push(await daysAgo(count / 4));
    for (let count = 0; count < MEMBERS_MAX; count += 1) oldest.push(await daysAgo(9 + count));
    await daysAgo(8);
    for (const id of oldest) await bench.run(insertApproval, rowFor(bench, id), NOW);
    const all = await bench.run(openElsewhere, { customerId: customer, id: "", now: NOW });
    assert.deepEqual(
      all.others.map(({ member }) => member.conversationId),
      [...recent.slice(0, -1), ...oldest],
    );
  });

  test("nobody has what was solved in its ticket, or was merged there", async () => {
    const customer = bench.id("u");
    const [id, ticket] = [await remembered(customer), await bench.conversation()];
    await bench.execute(
      sql`update conversation set owner = 'human', linked_id = ${ticket} where id = ${id}`,
    );
    await bench.execute(
      sql`update conversation set owner = 'human', linked_id = ${id} where id = ${ticket}`,
    );
    const withPeople = async () => {
      const looked = { customerId: customer, orderIds: ["789"], except: [] };
      const [matter] = await bench.run(openMatters, looked);
      const [other] = await bench.run(readOthers, [id], customer, NOW);
      return [matter?.kind, other?.isWithPeople];
    };
    assert.deepEqual(await withPeople(), ["conversation", true]);
    for (const ended of [sql`solved_at = ${NOW}`, sql`solved_at = null, kept_out = 'merged'`]) {
      await bench.execute(sql`update conversation set ${ended} where id = ${ticket}`);
      assert.deepEqual(await withPeople(), [undefined, false]);
    }
  });

  test("a card shows the members of its case, and apart from them the one it asks about", async () => {
    const customer = bench.id("u");
    const [one, two, three] = [
      await remembered(customer),
      await remembered(customer),
      await remembered(customer),
    ];
    await join(one, two);
    await bench.run(askAbout, one, three, ["they have the same topic"]);
    const shown = await bench.run(readShownCases, [one, three]);
    assert.deepEqual(
      new Set(shown.map(({ shownBy, id, isMember }) => `${shownBy} ${id} ${isMember}`)),
      new Set([`${one} ${three} false`, `${one} ${two} true`]),
    );
  });
});
