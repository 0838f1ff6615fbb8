/** Procedures come into use by leads' votes, are followed by turns from then on, and go back with one command. */
import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { z } from "zod";
import { sql } from "#store/db/drizzle.ts";
import type { Card } from "#core/contracts/approval-desk.ts";
import { adoptOwn, goBack, procedureDigest, proposeDraft } from "#jobs/procedures/publish.ts";
import { recordTests, saveDraft } from "#jobs/procedures/shelf.ts";
import { storedRecording } from "#store/conversations/traces.ts";
import { publishedVersions, procedureVersions } from "#store/procedures/versions.ts";
import { policyBenchForTests } from "#test/jobs/policy/bench.ts";
import { PEOPLE } from "#test/jobs/policy/desk.ts";
import { procedureText, sampleProcedures } from "#test/procedures/world.ts";

const LATE = "late-parcel";
const FIRST = procedureText({ steps: "1. Look the order up with @get_order_status." });
const SECOND = procedureText({ steps: "1. Ask for the order number first." });
const THIRD = procedureText({ steps: "1. Ask for the postcode first." });

describe("publishing a procedure", () => {
  const bench = policyBenchForTests();
  beforeEach(() => bench.begin());

  const parts = () => bench.parts;
  const draftOf = (text: string) =>
    saveDraft(parts(), { name: LATE, text, origin: "file", author: "" });

  async function testedDraft(text: string): Promise<void> {
    const result = { passed: true, model: "rehearsal", lines: [] };
    assert.equal(await recordTests(parts(), await draftOf(text), result), true);
  }
  async function proposed(text: string): Promise<Card> {
    await testedDraft(text);
    const { id } = await proposeDraft(parts(), { name: LATE, source: "file" });
    await bench.look();
    const card = bench.desk.cards.get(id);
    assert.ok(card, "no card for it");
    return card;
  }
  async function published(text: string): Promise<Card> {
    const card = await proposed(text);
    for (const lead of [PEOPLE.lea, PEOPLE.lee]) {
      const answer = await bench.press(lead, card, "approve");
      assert.equal(answer.accepted, true, answer.message);
    }
    return card;
  }
  const states = async () =>
    (await bench.store.run(procedureVersions, LATE)).map(
      ({ version, state }) => `${version} ${state}`,
    );
  const inUse = async () =>
    (await bench.store.run(publishedVersions)).map(({ name, text }) => [
      name,
      procedureDigest(text),
    ]);
  const auditKinds = async () => {
    const row = z.object({ kind: z.string() });
    const entries = await bench.rows(row, sql`select kind from audit order by seq`);
    return entries.map(({ kind }) => kind).filter((kind) => kind.startsWith("procedure_"));
  };

  test("needs tests that passed on that very text, and the votes of two leads", async () => {
    await assert.rejects(
      proposeDraft(parts(), { name: LATE, source: "file" }),
      /there is no draft/,
    );
    await draftOf(FIRST);
    await assert.rejects(
      proposeDraft(parts(), { name: LATE, source: "file" }),
      /have not passed on this text/,
    );
    await testedDraft(FIRST);
    await draftOf(SECOND);
    await assert.rejects(
      proposeDraft(parts(), { name: LATE, source: "file" }),
      /have not passed on this text/,
    );

    const card = await proposed(FIRST);
    assert.match(card.headline, /^Publish the procedure late-parcel, version 1\?$/);
    assert.ok(card.context.link.endsWith(`/console#${card.approvalId}`), card.context.link);
    assert.ok(bench.desk.notices.some(({ people }) => people.includes("lea@ourshop.test")));
    assert.equal((await bench.press(PEOPLE.sam, card, "approve")).accepted, false);
    assert.equal((await bench.press(PEOPLE.ned, card, "approve")).accepted, false);
    assert.equal((await bench.press(PEOPLE.lea, card, "approve")).accepted, true);
    assert.equal((await bench.press(PEOPLE.lea, card, "approve")).accepted, false);
    assert.deepEqual(await inUse(), []);
    const last = await bench.press(PEOPLE.lee, card, "approve");
    assert.deepEqual([last.accepted, last.message], [true, "In use now."]);
    assert.deepEqual(await inUse(), [[LATE, procedureDigest(FIRST)]]);
    assert.match(
      bench.desk.cards.get(card.approvalId)?.closing ?? "",
      /^In use since .*, approved by Lea Brandt and Lee Novak\.$/,
    );
    assert.deepEqual(await auditKinds(), [
      "procedure_proposed",
      "procedure_vote",
      "procedure_vote",
      "procedure_published",
    ]);
  });

  test("what waited for two leads is decided by a lead and another person once there is one lead alone", async () => {
    const card = await proposed(FIRST);
    assert.equal((await bench.press(PEOPLE.lea, card, "approve")).accepted, true);
    bench.edit((text) => text.replace(", lee@ourshop.test", ""));
    await bench.look();
    const leaves = [...bench.desk.cards.values()].find(({ actions }) =>
      actions.some(({ label }) => label.includes("no longer a lead")),
    );
    assert.ok(leaves);
    for (const voter of [PEOPLE.lea, PEOPLE.sam])
      assert.equal((await bench.press(voter, leaves, "approve")).accepted, true);
    await bench.look();
    const answer = await bench.press(PEOPLE.sam, card, "approve");
    assert.equal(answer.accepted, true, answer.message);
    assert.deepEqual(await states(), ["1 published"]);
  });

  test("the card names a change after any number of words, and every one of them to its end", async () => {
    const steps = (end: string) =>
      procedureText({ steps: `1. Tell them ${"of it again ".repeat(530)}within ${end} days.` });
    const long = "and then ask ".repeat(31);
    const first = await published(steps("14"));
    assert.ok(first.actions.some(({ label }) => label.endsWith("again within 14 days.")));
    const labels = ({ actions }: Card) =>
      actions.flatMap(({ label, rule }) => (rule.startsWith("Different") ? [label] : []));
    assert.deepEqual(labels(await published(steps("30"))), ["“14” → “30”"]);
    assert.deepEqual(labels(await published(steps(`30 ${long}`))), [`Put in: “${long.trim()}”`]);
    const everyThird = steps(`30 ${long}`).replaceAll("again", "now");
    const shown = labels(await proposed(everyThird));
    assert.deepEqual([shown.length, shown.at(-1)], [530, "“again” → “now”"]);
  });

  test("a rejected version leaves what is in use, and another one may be proposed; so does one on which nobody decides in time", async () => {
    await published(FIRST);
    const card = await proposed(SECOND);
    assert.ok(card.actions.some(({ rule }) => rule === "Different from version 1"));
    assert.equal((await bench.press(PEOPLE.lea, card, "reject")).accepted, true);
    assert.equal((await bench.press(PEOPLE.lee, card, "approve")).accepted, false);
    assert.deepEqual(await states(), ["2 rejected", "1 published"]);
    await published(SECOND);
    assert.deepEqual(await states(), ["3 published", "2 rejected", "1 retired"]);
    await proposed(THIRD);
    bench.clock.skip(30 * 24 * 3_600_000);
    await bench.look();
    assert.deepEqual((await states()).slice(0, 2), ["4 expired", "3 published"]);
  });

  test("going back twice never brings back the version that was itself taken back", async () => {
    for (const text of [FIRST, SECOND]) await published(text);
    bench.clock.skip(1_000);
    assert.deepEqual(await goBack(parts(), LATE), { from: 2, to: 1 });
    bench.clock.skip(1_000);
    await published(THIRD);
    assert.deepEqual(await goBack(parts(), LATE), { from: 3, to: 1 });
  });

  test("going back from a version that replaced none brings back nothing that was taken out of use", async () => {
    await published(FIRST);
    bench.clock.skip(1_000);
    assert.deepEqual(await goBack(parts(), LATE), { from: 1, to: null });
    for (const text of [SECOND, THIRD]) {
      bench.clock.skip(1_000);
      await published(text);
    }
    assert.deepEqual(await goBack(parts(), LATE), { from: 3, to: 2 });
    assert.deepEqual(await goBack(parts(), LATE), { from: 2, to: null });
    assert.deepEqual(await states(), ["3 retired", "2 retired", "1 retired"]);
  });

  test("leads also vote under a policy that an older version of Deskhand brought into force", async () => {
    await bench.rows(
      z.object({}),
      sql`update policy_change set id = 'policy_older', version = 'of an older version'
        where state = 'active'`,
    );
    await bench.look();
    await published(FIRST);
    assert.deepEqual(await states(), ["1 published"]);
  });

  test("a turn is offered what is in use, and its recording says which version", async () => {
    await adoptOwn(parts(), sampleProcedures());
    const approval = await bench.ask("My headphones from order 789 arrived broken, please refund.");
    // The card names what a model says it followed; rules that stand in for one say nothing.
    assert.deepEqual(approval.card.context.procedures, []);
    const [turn] = await bench.rows(
      z.object({ id: z.string() }),
      sql`select id from turn order by started_at desc limit 1`,
    );
    const recording = await bench.parts.store.run(storedRecording, turn?.id ?? "");
    const offered = recording?.procedures.map(({ name, version }) => `${name} ${version}`) ?? [];
    assert.ok(offered.includes("refund-broken-item 1"), offered.join());
  });
});
