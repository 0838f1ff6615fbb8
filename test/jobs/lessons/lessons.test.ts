/** Differences between drafts and what teammates did, and the lessons made of alike ones. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { readFileSync } from "node:fs";
import type { Rejection } from "#core/contracts/approval-desk.ts";
import type { DraftDifference } from "#core/lessons/draft-difference.ts";
import { draftChange, replayChange } from "#jobs/lessons/draft-change.ts";
import {
  type ComparedDifference,
  decidedLessons,
  decideLesson,
  groupDifferences,
  type Lesson,
  openLessons,
} from "#jobs/lessons/find-lessons.ts";
import { draftRule, draftTone } from "#jobs/lessons/draft-policy.ts";
import { compareTexts, readSaying } from "#jobs/notes/compare-texts.ts";
import { editedPolicy } from "#policy/edit-policy.ts";
import { SANDBOX_POLICY } from "#test/support/real-parts.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { refundOf, replying } from "#test/jobs/turn-results.ts";
import { conversationMessages } from "#store/conversations/messages.ts";
import { type DifferenceRow, undecidedDifferences } from "#store/reports/draft-differences.ts";

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

/** A lesson of this difference alone. */
function lessonOf(one: ComparedDifference): Lesson {
  return {
    id: one.id,
    change: "tone",
    topic: one.topic,
    headline: "",
    differences: [one],
    conversations: 1,
    people: 1,
    newestAt: AT,
    decided: null,
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
    const edited = async (thread: string) => {
      // As the search gives it: with the day of the page, which is another once it was changed.
      const updated = `2026-03-0${thread.slice(1)}`;
      const dated = passages.map((passage) => ({ ...passage, updated }));
      bench.answer(() => replying(DRAFT, { passages: dated, topic: "returns" }));
      const id = await bench.write("How long can I send it back?", { thread });
      const edit = { text: DRAFT.replace("30 days", "14 days"), amount: null };
      await bench.press("edit", id, undefined, { edit });
    };
    await edited("t1");
    await edited("t2");
    assert.deepEqual(await openLessons(search()), []);
    await edited("t3");
    await bench.write("How long can I send it back?", { thread: "t4" });
    const eu = passages.map((passage) => ({ ...passage, title: "Returns (EU)" }));
    bench.answer(() => replying(DRAFT, { passages: eu, topic: "returns" }));
    await bench.write("How long can I send it back?", { thread: "eu" });

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

  test("say nothing against a rule where teammates answer themselves, or no answer is needed", async () => {
    bench.answer(() => replying("We refund 5.00 USD.", { actions: [refundOf(500)] }));
    const rejected = async (rejection: Rejection, reason = "") => {
      for (const number of [1, 2, 3]) {
        const id = await bench.write("Please refund order 789", {
          thread: `${rejection}${number}`,
        });
        await bench.press("reject", id, undefined, { rejection, reason });
      }
    };
    await rejected("i_answer");
    await rejected("no_answer", "The customer called.");
    assert.deepEqual(await openLessons(search()), []);
    await rejected("reason");
    const [lesson] = await openLessons(search());
    assert.deepEqual([lesson?.change, lesson?.conversations], ["rule", 3]);
  });
});

test("a drafted tone keeps the team's own and has the whole sentence, or says why there is none", () => {
  const asked = row("less formal please", { kind: "instruction" });
  const tone = `${"Never blame the carrier. ".repeat(15)}Never promise a day.`;
  const withTone = (words: string) =>
    editedPolicy(POLICY, [{ path: ["voice", "email", "tone"], value: words }]);
  const drafted = (words: string) => draftTone(withTone(words), lessonOf(asked));
  assert.equal(drafted(tone).after, withTone(`${tone} Less formal please.`));
  const full = drafted("a".repeat(999));
  assert.equal(full.after, full.before);
  assert.match(full.notes.join(), /^No change could be drafted: .*tone/);
});

onDesk("a rule under which teammates changed amounts", (bench) => {
  const paid = async (thread: string, minor: number, amount: string | null) => {
    bench.answer(() => replying("We refund it.", { actions: [refundOf(minor)] }));
    const id = await bench.write("Please refund order 789", { thread });
    if (amount === null) return bench.press("approve", id);
    return bench.press("edit", id, undefined, { edit: { text: "We refund it.", amount } });
  };
  const drafted = async () => {
    const [lesson] = await openLessons({ store: bench.parts.store, now: bench.now() });
    assert.ok(lesson);
    return bench.at(draftRule, POLICY, lesson);
  };

  test("gets no greatest amount where they gave more than was proposed", async () => {
    for (const thread of ["t1", "t2", "t3"]) await paid(thread, 1_000, "15.00");
    const { before, after, notes } = await drafted();
    assert.equal(after, before);
    assert.match(notes.join(), /gave more than was proposed/);
  });

  test("gets the greatest they left, unless more was approved as it was", async () => {
    for (const thread of ["t1", "t2", "t3"]) await paid(thread, 2_000, "15.00");
    assert.match((await drafted()).after, /up_to: 15\b/);
    await paid("t4", 9_000, null);
    const { before, after, notes } = await drafted();
    assert.equal(after, before);
    assert.match(notes.join(), /^1 of the 4 cards under this rule were approved above 15\.00 USD/);
  });
});

const RETURNS = {
  id: "returns#top",
  title: "Returns",
  url: "https://shop.test/returns",
  text: DRAFT,
  score: 0.9,
};

onDesk("the differences from drafts", (bench) => {
  const kept = (): Promise<readonly DifferenceRow[]> => bench.at(undecidedDifferences, new Date(0));
  const asked = (text = "How long can I send it back? My order is 100234, Ann Fields") => {
    bench.answer(() => replying(DRAFT, { passages: [RETURNS], topic: "returns" }));
    return bench.write(text, {
      message: { author: { kind: "requester", id: "email:ann@customer.test", name: "Ann Fields" } },
    });
  };
  const edit = (id: string, text: string, amount: string | null = null) =>
    bench.press("edit", id, undefined, { edit: { text, amount } });
  const answers = (text: string) =>
    bench.write(text, {
      message: {
        author: { kind: "teammate", id: "email:tom@ourshop.test", name: "Tom" },
        answerTo: null,
      },
    });

  test("hold an edit against the first draft, masked, once, and forget it when it is taken back", async () => {
    const id = await asked();
    await edit(id, "Within 20 days, Ann.");
    await edit(id, "You can return an item within 14 days, Ann.");
    const [row, ...others] = await kept();
    assert.deepEqual(others, []);
    assert.equal(row?.kind, "edit");
    assert.equal(row.topic, "returns");
    assert.equal(row.content.differs, "facts");
    assert.equal(row.content.draft.includes("30 days"), true);
    assert.match(row.content.teammate, /14 days, \[name\]/);
    assert.equal(
      row.content.question,
      "How long can I send it back? My order is [number], [name] [name]",
    );
    assert.deepEqual(
      row.content.facts.changed.map(({ from, to }) => [from.fact, to.fact]),
      [["30 days", "14 days"]],
    );
    assert.deepEqual(row.content.pages, ["Returns (https://shop.test/returns)"]);
    assert.doesNotMatch(JSON.stringify(row), /Ann|Fields|100234|ourshop\.test/);
    const before = row.content.draft;
    await edit(id, before);
    assert.deepEqual(await kept(), []);
  });

  const answersFromConsole = async (id: string): Promise<void> => {
    const edit = { text: "You can return an item within 14 days.", amount: null };
    const card = await bench.card(id);
    const cards = [`${card.id}@${card.version}`];
    await bench.decide(id, "reply", { edit, seen: Number.MAX_SAFE_INTEGER, cards });
    await bench.pass(6_000, 2);
    assert.deepEqual(
      (await kept()).map(({ kind, content }) => [kind, content.differs]),
      [["own_answer", "facts"]],
    );
  };

  test("hold what a teammate answers from the console while a draft waits", async () => {
    bench.disconnect("zendesk");
    await answersFromConsole(await asked());
  });

  test("hold it also where the channel's history shows it as ours", async () => {
    bench.disconnect("zendesk");
    const id = await asked();
    const said = await bench.at(conversationMessages, id);
    bench.histories.set(
      id,
      said.map(({ message }) => message),
    );
    await answersFromConsole(id);
    bench.histories.clear();
  });

  test("hold no answer of a teammate where a rejected card needed none", async () => {
    await bench.press("reject", await asked(), undefined, { rejection: "no_answer" });
    await answers("By the way: we are closed on Friday.");
    assert.deepEqual(await kept(), []);
  });

  test("hold no answer of a teammate to what the customer asked after a rejection", async () => {
    await bench.press("reject", await asked(), undefined, { reason: "No." });
    bench.skip(60_000);
    await bench.write("Do you have it in blue?");
    await answers("Yes, since last week.");
    assert.deepEqual(
      (await kept()).map(({ kind }) => kind),
      ["rejection"],
    );
  });

  test("hold a rejection with its reason, and then the answer that the teammate wrote instead", async () => {
    bench.answer(() => replying("We refund 5.00 USD.", { actions: [refundOf(500)] }));
    const id = await bench.write("Please refund order 789");
    await bench.press("reject", id, undefined, { reason: "No refund before the parcel is back" });
    const [rejected] = await kept();
    assert.deepEqual(
      [rejected?.kind, rejected?.content.differs, rejected?.content.action?.change],
      ["rejection", "refused", "refused"],
    );
    assert.equal(rejected?.content.teammate, "No refund before the parcel is back");

    await answers(
      "Hello,\n\nPlease send the parcel back to our warehouse first.\n\nKind regards\nTom",
    );
    const [answered, ...rest] = await kept();
    assert.equal(rest.length, 1);
    assert.deepEqual([answered?.kind, answered?.content.differs], ["own_answer", "facts"]);
    assert.equal(answered?.content.teammate, "Please send the parcel back to our warehouse first.");
    await answers("One more thing: the label is in your account.");
    assert.equal((await kept()).length, 2);
  });
});
