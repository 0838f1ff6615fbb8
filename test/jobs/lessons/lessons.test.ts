/** What three alike differences propose: the kind of change, the drafted text, the cards it would flip, and a lead's no. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { DraftDifference } from "#core/lessons/draft-difference.ts";
import { draftChange, replayChange } from "#jobs/lessons/draft-change.ts";
import {
  type ComparedDifference,
  decidedLessons,
  decideLesson,
  groupDifferences,
  openLessons,
} from "#jobs/lessons/find-lessons.ts";
import { compareTexts, readSaying } from "#jobs/notes/compare-texts.ts";
import { readFileSync } from "node:fs";
import { SANDBOX_POLICY } from "#test/support/real-parts.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { replying } from "#test/jobs/turn-results.ts";

const AT = new Date("2026-11-20T10:00:00Z");
const DRAFT = "You can return an item within 30 days of its delivery.";
const POLICY = readFileSync(SANDBOX_POLICY, "utf8");

let made = 0;
function row(
  teammate: string,
  more: Partial<DraftDifference> & {
    readonly kind?: "edit" | "instruction" | "rejection";
    readonly topic?: string;
    readonly conversation?: string;
  } = {},
): ComparedDifference {
  const { kind = "edit", topic = "returns", conversation, ...content } = more;
  made += 1;
  const said = kind === "edit" ? compareTexts(DRAFT, teammate, AT) : readSaying(teammate, AT);
  return {
    id: made,
    conversationId: conversation ?? `c${made}`,
    event: `e${made}`,
    kind,
    turnId: `t${made}`,
    topic,
    content: {
      channel: "email",
      question: "How long?",
      draft: DRAFT,
      teammate,
      action: null,
      pages: [],
      procedures: [],
      ...said,
      ...content,
    },
    who: "p1",
    at: AT,
    stems: teammate.toLowerCase().match(/[a-z]{4,}/g) ?? [],
    vector: null,
  };
}

describe("differences that are alike", () => {
  const kinds = (rows: readonly ComparedDifference[]) =>
    groupDifferences(rows).map(({ change, rows: group }) => [change, group.length]);
  const thrice = (teammate: string, more: Parameters<typeof row>[1] = {}) =>
    [1, 2, 3].map(() => row(teammate, more));

  test("are a lesson from three conversations on, however often one of them shows it", () => {
    const text = DRAFT.replace("30", "14");
    assert.deepEqual(kinds([row(text), row(text)]), []);
    const one = { conversation: "c" };
    assert.deepEqual(kinds([row(text, one), row(text, one), row(text, one)]), []);
    assert.deepEqual(kinds(thrice(text)), [["page", 3]]);
  });
});

onDesk("lessons of a desk", (bench) => {
  const search = () => ({ store: bench.parts.store, now: bench.now() });
  const lessonTexts = () => ({
    store: bench.parts.store,
    policyText: async () => POLICY,
    procedureText: async () => null,
  });

  test("propose what three edits show, with the cards it would flip, until a lead says no", async () => {
    const passages = [
      { id: "r#1", title: "Returns", url: "https://shop.test/r", text: DRAFT, score: 0.9 },
    ];
    bench.answer(() => replying(DRAFT, { passages, topic: "returns" }));
    const edited = async (thread: string) => {
      const id = await bench.write("How long can I send it back?", { thread });
      const edit = { text: DRAFT.replace("30 days", "14 days"), amount: null };
      await bench.press("edit", id, undefined, { edit });
    };
    await edited("t1");
    await edited("t2");
    assert.deepEqual(await openLessons(search()), []);
    await edited("t3");
    await bench.write("How long can I send it back?", { thread: "t4" });

    const [lesson, ...others] = await openLessons(search());
    assert.deepEqual(others, []);
    assert.ok(lesson);
    assert.equal(lesson.headline, "“30 days” becomes “14 days” (Returns)");
    assert.deepEqual([lesson.change, lesson.conversations, lesson.people], ["page", 3, 1]);
    const draft = await draftChange(lessonTexts(), lesson);
    assert.match(draft.after, /within 14 days of its delivery/);
    const { words } = await replayChange(bench.parts.store, lesson, {
      ...draft,
      name: "r",
      title: "Returns",
    });
    assert.equal(
      words,
      "Stored cards that cite this page: 4. Of these, those that say what would be replaced: 1.",
    );

    const pseudonym = async () => "p";
    const no = { decision: "declined", reason: "It is 30", at: bench.now(), pseudonym } as const;
    await decideLesson(bench.parts.store, lesson, no);
    await assert.rejects(decideLesson(bench.parts.store, lesson, no), /another lead/);
    assert.deepEqual(await openLessons(search()), []);
    const [declined] = await decidedLessons(bench.parts.store);
    assert.deepEqual(declined?.decided?.decisionReason, "It is 30");
    await edited("t5");
    await edited("t6");
    assert.deepEqual(await openLessons(search()), []);
    await edited("t7");
    assert.equal((await openLessons(search())).length, 1);
  });
});
