/** Whatever a schema allows comes out of the database as it went in, whatever letters it is written in. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "node:test";
import { sql } from "#store/db/drizzle.ts";
import { z } from "zod";
import { Proposal } from "#core/values/action.ts";
import {
  ApprovalState,
  ApprovalVote,
  Card,
  CardClaim,
  Opinion,
  RedraftRequest,
} from "#core/contracts/approval-desk.ts";
import { Approvers, Decision } from "#core/contracts/policy.ts";
import {
  type Approval,
  approvalIn,
  changeApproval,
  insertApproval,
  loadApproval,
  pendingApproval,
} from "#store/approvals/approvals.ts";
import { addMessages, conversationMessages } from "#store/conversations/messages.ts";
import { hasLine, writeLine } from "#store/chat/chat-state.ts";
import { valuesOf } from "#test/store/arbitraries.ts";
import {
  acceptOne,
  hintOf,
  messageOf,
  NOW,
  onEveryDatabase,
  intakeOptions,
} from "#test/store/bench.ts";
import { anyCharacter } from "#test/support/any-character.ts";
import { runs } from "#test/support/tiers.ts";

const RUNS = { numRuns: runs(40) };

/** Strings with everything a sender can put into them, NUL and halves of surrogate pairs included. */
const anything = fc
  .array(
    fc.oneof(
      fc.constantFrom("\0", "\uD800", "\uDC00", "\uDBFF\uDFFF", "a", "\\u0000", "\u0001", "é", '"'),
      fc.string({ unit: anyCharacter, maxLength: 3 }),
    ),
    { minLength: 1, maxLength: 12 },
  )
  .map((pieces) => pieces.join(""));

/** What a reader sees in place of what no database holds. */
function kept(value: string): string {
  return value.replaceAll("\0", "\uFFFD").toWellFormed();
}

/** What a card's row may hold. */
const Row = z.object({
  id: z.string(),
  conversationId: z.string(),
  turnId: z.string(),
  kind: Card.shape.kind.exclude(["policy"]),
  version: z.int32().min(1),
  state: ApprovalState,
  proposal: Proposal.nullable(),
  seal: z.string(),
  revision: z.string(),
  rules: z.array(Decision),
  needs: Approvers,
  votes: z.array(ApprovalVote),
  expiresAt: z.date(),
  undoUntil: z.date().nullable(),
  card: Card,
  closing: z.string(),
  deskRef: z.string().nullable(),
  postAttempts: z.int32().min(0),
  answers: z.array(z.string()),
  claim: CardClaim.nullable(),
  claimUntil: z.date().nullable(),
  redraft: RedraftRequest.nullable(),
  redraftCount: z.int32().min(0),
  statusLine: z.string(),
  opinions: z.array(Opinion),
});

/** Of the card that is stored, what this one says as well. */
function asStored(stored: Approval | null, row: z.output<typeof Row>) {
  assert.ok(stored);
  const wanted = approvalIn(row);
  const found = new Map<string, unknown>(Object.entries(stored));
  const read = Object.fromEntries(Object.keys(wanted).map((name) => [name, found.get(name)]));
  return [read, wanted] as const;
}

onEveryDatabase("stored values", (bench) => {
  test("approvals with proposal, rules, votes and card, written at once or by a change", async () => {
    await fc.assert(
      fc.asyncProperty(valuesOf(Row), valuesOf(Row), async (made, changed) => {
        const conversationId = await bench.conversation();
        const first = { ...made, id: bench.id("a"), conversationId, state: "pending" as const };
        const second = { ...changed, id: first.id, conversationId };
        const { deskRef, postAttempts, closing, undoUntil, ...row } = first;
        assert.ok([deskRef, postAttempts, closing, undoUntil]);
        const unposted = { deskRef: null, postAttempts: 0 };
        await bench.run(async (transaction) => {
          await insertApproval(transaction, row, NOW);
          const inserted = { ...first, ...unposted, closing: "", undoUntil: null };
          for (const read of [
            await loadApproval(transaction, first.id),
            await pendingApproval(transaction, conversationId),
          ])
            assert.deepEqual(...asStored(read, inserted));
          assert.equal(await changeApproval(transaction, inserted, changeTo(second), NOW), true);
          // A card that was decided has no claim and waits for no other draft.
          const ended = { claim: null, claimUntil: null, redraft: null };
          assert.deepEqual(
            ...asStored(await loadApproval(transaction, first.id), {
              ...second,
              ...unposted,
              ...(second.state === "pending" ? {} : ended),
            }),
          );
        });
      }),
      RUNS,
    );
  });

  test("votes that a newer version wrote more into do no harm", async () => {
    await fc.assert(
      fc.asyncProperty(valuesOf(Row), valuesOf(ApprovalVote), async (made, vote) => {
        const conversationId = await bench.conversation();
        const row = { ...made, id: bench.id("a"), conversationId, state: "pending" as const };
        const votes = [...made.votes, vote];
        await bench.run(async (transaction) => {
          await insertApproval(transaction, { ...row, votes }, NOW);
          await transaction.execute(
            sql`update approval set votes = jsonb_set(votes, '{0,newer}', 'true') where id = ${row.id}`,
          );
          const seen = await loadApproval(transaction, row.id);
          assert.deepEqual(seen?.votes, votes);
          const other = [...made.votes, { ...vote, voter: `${vote.voter}!` }];
          for (const wrong of [made.votes, other, [...votes, vote]])
            assert.equal(
              await changeApproval(transaction, { ...row, votes: wrong }, { votes: [] }, NOW),
              false,
            );
          assert.equal(
            await changeApproval(transaction, { ...row, votes }, { votes: [] }, NOW),
            true,
          );
        });
      }),
      RUNS,
    );
  });

  test("what no database can hold is replaced by U+FFFD and stops nothing, in text and in JSON", async () => {
    const conversation = await bench.conversation();
    await fc.assert(
      fc.asyncProperty(anything, async (words) => {
        const key = bench.id("message");
        const message = messageOf(key, {
          text: words,
          subject: words,
          author: { kind: "requester", id: `chat:${words}`, name: words },
          answerTo: { label: `to ${words}`, audience: "private", address: { [words]: words } },
        });
        const read = await bench.run(async (transaction) => {
          await addMessages(transaction, conversation, [message], NOW);
          await writeLine(transaction, {
            key,
            conversationId: conversation,
            text: words,
            at: NOW,
          });
          return conversationMessages(transaction, conversation);
        });
        const stored = read.map((one) => one.message).find((one) => one.key === key);
        assert.ok(stored);
        assert.deepEqual(
          [stored.text, stored.subject, stored.author.name, stored.answerTo?.address],
          [kept(words), kept(words), kept(words), { [kept(words)]: kept(words) }],
        );
        const lines = await bench.rows(
          z.object({ text: z.string() }),
          sql`select text from transcript where key = ${key}`,
        );
        assert.deepEqual(lines, [{ text: kept(words) }]);
      }),
      RUNS,
    );
  });

  test("ids that no database can hold still name the same thing the second time", async () => {
    await fc.assert(
      fc.asyncProperty(anything, async (words) => {
        const [event, key, message] = [
          `${bench.id("event")}${words}`,
          `${bench.id("key")}${words}`,
          `${bench.id("message")}${words}`,
        ];
        await bench.run(async (transaction) => {
          const options = intakeOptions(bench);
          const first = await acceptOne(transaction, hintOf(event, [key]), options);
          const again = await acceptOne(transaction, hintOf(event, [key]), options);
          assert.deepEqual(again, { ...first, known: true });
          const other = await acceptOne(transaction, hintOf(bench.id("event"), [key]), options);
          assert.equal(other.conversationId, first.conversationId);
          const add = () =>
            addMessages(transaction, first.conversationId, [messageOf(message)], NOW);
          assert.equal((await add()).length, 1);
          assert.equal((await add()).length, 0);
          await writeLine(transaction, {
            key: message,
            conversationId: key,
            text: "",
            at: NOW,
          });
          assert.equal(await hasLine(transaction, message), true);
        });
      }),
      RUNS,
    );
  });
});

/** Everything of an approval that a decision may change. */
function changeTo(row: z.output<typeof Row>): Parameters<typeof changeApproval>[2] {
  const { id, conversationId, deskRef, postAttempts, ...change } = row;
  assert.ok([id, conversationId, deskRef, postAttempts]);
  return change;
}
