/** Whatever its state, a case is in one of the views that show states: to approve, with people, snoozed or done. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Transaction } from "#store/db/database.ts";
import { eq } from "#store/db/drizzle.ts";
import { approval, conversation } from "#store/db/schema.ts";
import {
  doneRows,
  inboxCounts,
  inboxRows,
  type InboxRow,
  type OpenView,
} from "#store/console/inbox.ts";
import type { Cursor, Page } from "#store/console/cursor.ts";
import { caseStates } from "#store/conversations/conversations.ts";
import { addCase } from "#test/server/console/seed.ts";
import { startPages, type PagesBench } from "#test/server/pages-bench.ts";

const NOW = new Date("2026-03-02T10:00:00Z");
const EARLIER = new Date("2026-03-01T10:00:00Z");
const LATER = new Date("2026-03-03T10:00:00Z");
const ANY = { channel: null, topic: null, money: null, before: null, alike: null } as const;
const SAM = "sam@x.test";

/** How a case stands. */
interface Standing {
  readonly owner: "bot" | "human";
  readonly asleep: boolean;
  readonly solved: boolean;
  readonly card: boolean;
  /** The ticket beside it; one that is handed over was the bot's meanwhile. */
  readonly linked: "none" | "ticket" | "handed over";
  /** On which side it was solved, and on which the card waits. */
  readonly side: "origin" | "ticket";
}

const BOOLEANS = [false, true] as const;
const STANDINGS = (["bot", "human"] as const).flatMap((owner) =>
  BOOLEANS.flatMap((asleep) =>
    BOOLEANS.flatMap((solved) =>
      BOOLEANS.flatMap((card) =>
        (["none", "ticket", "handed over"] as const).flatMap((linked) =>
          (["origin", "ticket"] as const)
            .filter((side) => side === "origin" || linked !== "none")
            .map((side): Standing => ({ owner, asleep, solved, card, linked, side })),
        ),
      ),
    ),
  ),
);

/** The one view; null where Deskhand has it and nothing is to be done. */
function expectedView({ owner, asleep, solved, card }: Standing): string | null {
  if (card) return asleep ? "snoozed" : "waiting";
  if (solved) return "done";
  if (asleep) return "snoozed";
  return owner === "human" ? "people" : null;
}

describe("the views of the inbox", () => {
  let bench: PagesBench;
  before(async () => {
    bench = await startPages({ sandbox: true });
  });
  after(async () => {
    await bench.close();
  });

  const rowsOfView = async (view: OpenView | "done", me = SAM, named?: string) => {
    const rows: InboxRow[] = [];
    let next: Cursor | null = null;
    do {
      const filter = { ...ANY, me, ...(named !== undefined && { named }) };
      const at: Cursor | null = next;
      const page: Page<InboxRow> = await bench.store.run((transaction) =>
        view === "done"
          ? doneRows(transaction, at)
          : inboxRows(transaction, { ...filter, view }, { after: at, now: NOW }),
      );
      rows.push(...page.rows);
      next = page.next;
    } while (next !== null);
    return rows.map((row) => (row.kind === "card" ? row.approval.conversationId : row.id));
  };

  test("show a case once, with the bot or with people, asleep or not, solved or not, with or without a card or a ticket", async () => {
    for (const [number, standing] of STANDINGS.entries())
      await bench.store.run((transaction) => store(transaction, `${number}`, standing));
    const shown = new Map<string, string[]>();
    for (const view of ["waiting", "people", "snoozed", "done"] as const)
      for (const id of await rowsOfView(view))
        shown.set(id.replace("t_", "c_"), [...(shown.get(id.replace("t_", "c_")) ?? []), view]);
    for (const [number, standing] of STANDINGS.entries()) {
      const expected = expectedView(standing);
      assert.deepEqual(
        shown.get(`c_${number}`) ?? [],
        expected === null ? [] : [expected],
        JSON.stringify(standing),
      );
    }
    const counts = await bench.store.run((transaction) => inboxCounts(transaction, SAM, NOW));
    for (const view of ["waiting", "people", "snoozed"] as const)
      assert.equal(counts[view], (await rowsOfView(view)).length, view);
  });

  test("say of a case whose ticket is solved that it is closed", async () => {
    const number = STANDINGS.findIndex(
      ({ owner, asleep, solved, card, linked, side }) =>
        owner === "human" && !asleep && solved && !card && linked === "ticket" && side === "ticket",
    );
    const states = await bench.store.run((transaction) =>
      caseStates(transaction, [`c_${number}`], NOW),
    );
    assert.equal(states.get(`c_${number}`)?.kind, "closed");
  });

  async function store(transaction: Transaction, id: string, standing: Standing): Promise<void> {
    const { owner, asleep, solved, card, linked, side } = standing;
    const snoozedUntil = asleep ? LATER : null;
    const solvedAt = solved ? EARLIER : null;
    await addCase(
      { ...bench.store, run: (work, ...given) => work(transaction, ...given) },
      { id, at: EARLIER, owner: card ? "bot" : "human" },
    );
    const shared = { snoozedUntil, owner };
    if (linked !== "none")
      await transaction.insert(conversation).values({
        ...shared,
        id: `t_${id}`,
        channel: "zendesk",
        externalId: `9${id}`,
        linkedId: `c_${id}`,
        handedOverAt: owner === "human" && linked === "handed over" ? EARLIER : null,
        solvedAt: side === "ticket" ? solvedAt : null,
        createdAt: EARLIER,
        updatedAt: EARLIER,
      });
    await transaction
      .update(conversation)
      .set({
        ...shared,
        handedOverAt: owner === "human" ? EARLIER : null,
        linkedId: linked === "none" ? null : `t_${id}`,
        solvedAt: side === "origin" ? solvedAt : null,
      })
      .where(eq(conversation.id, `c_${id}`));
    if (card && side === "ticket")
      await transaction
        .update(approval)
        .set({ conversationId: `t_${id}` })
        .where(eq(approval.id, `a_${id}`));
  }
});
