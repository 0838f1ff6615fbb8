/** Figures of two weeks, the reports made of them, and candidates for eval cases. */
import { teammate } from "#test/jobs/customers.ts";
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { z } from "zod";
import { type Compared, compareDays, weeklyReport } from "#jobs/reports/report-text.ts";
import { onEveryDatabase } from "#test/store/bench.ts";
import { ReportArguments } from "#core/values/alert.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { sendReports } from "#jobs/reports/send-report.ts";
import { countIn, firstReplies } from "#store/reports/counted-rows.ts";
import { listCandidates, refreshCandidates } from "#store/reports/eval-candidates.ts";
import { storedCursors } from "#store/db/settings.ts";
import { sql } from "#store/db/drizzle.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { arrive } from "#test/jobs/worker/lost-work.ts";
import { replying } from "#test/jobs/turn-results.ts";
import {
  addCandidate,
  caseOfConversation,
  decideOnCandidate,
  evalCandidateTable,
} from "#jobs/reports/candidate-cases.ts";
import { pastTicket, rehearsedTicket } from "#test/store/rehearsal/examples.ts";
import { keepRehearsed, setTicket, startRehearsal } from "#store/rehearsal/rehearsals.ts";
import type { TurnTrace } from "#core/values/trace.ts";
import { traceWith } from "#test/support/fixtures/traces.ts";
import { berlinPolicy, seeder, type Seeder } from "./two-weeks.ts";

const POLICY = berlinPolicy();

onEveryDatabase("the figures of two weeks", (bench) => {
  /** The week from 9 to 15 November beside the one before it, over what was seeded. */
  const compared = async (seed: (seeding: Seeder) => Promise<void>): Promise<Compared> => {
    const found: Compared[] = [];
    const takenBack = new Error("what was seeded is taken back");
    await assert.rejects(
      bench.run(async (transaction) => {
        await seed(seeder(transaction));
        const { digest } = POLICY;
        found.push(await compareDays(digest, transaction, digest.weekBefore("2026-11-16")));
        throw takenBack;
      }),
      (error) => error === takenBack || (error instanceof Error && error.cause === takenBack),
    );
    const [result] = found;
    assert.ok(result);
    return result;
  };

  test("messages count for the week they came in and the week they ended in, by the policy's zone", async () => {
    const { now, before } = await compared(async ({ conversation, message }) => {
      const mail = await conversation("2026-11-08T22:00:00Z");
      // Half past eleven at night in UTC is Monday already in Berlin, and the last half hour of a Sunday is not.
      await message(mail, "2026-11-08T22:30:00Z", { outcome: "answered" });
      await message(mail, "2026-11-08T23:30:00Z", { outcome: "answered" });
      await message(mail, "2026-11-15T22:30:00Z", {
        outcome: "answered",
        outcomeAt: "2026-11-15T23:30:00Z",
      });
      await message(mail, "2026-11-15T23:30:00Z", { outcome: "answered" });
      const chat = await conversation("2026-11-10T10:00:00Z", { channel: "chat" });
      await message(chat, "2026-11-10T10:00:00Z", { outcome: "escalated" });
      await message(chat, "2026-11-10T10:01:00Z", { outcome: "expired" });
      await message(chat, "2026-11-10T10:02:00Z", { outcome: "ignored" });
      await message(chat, "2026-11-10T10:03:00Z");
      await message(chat, "2026-11-10T10:04:00Z", { author: "bot" });
      // The past of a conversation that was read in, not a customer who writes now.
      await message(chat, "2026-11-10T10:05:00Z", { sentAt: "2026-03-01T10:00:00Z" });
    });
    const counted = ({ counts }: Compared["now"]): readonly number[] =>
      (["received", "answered", "to-people"] as const).map((name) => countIn(counts, name));
    assert.deepEqual(
      [counted(now), counted(before)],
      [
        [5, 1, 2],
        [1, 1, 0],
      ],
    );
  });

  test("refunds that were done count, allowed by policy or people, each currency for itself", async () => {
    const weeks = await compared(async ({ conversation, effect }) => {
      const id = await conversation("2026-11-10T08:00:00Z");
      const at = "2026-11-10T10:00:00Z";
      await effect(id, at, { minor: 500 });
      await effect(id, at, { minor: 250 });
      await effect(id, at, { minor: 12_000, by: "person" });
      await effect(id, at, { minor: 900, by: "teammate" });
      await effect(id, at, { minor: 700, currency: "EUR", by: "person" });
      await effect(id, at, { minor: 9_999, state: "unknown" });
      await effect(id, at, { minor: 9_999, state: "failed" });
      await effect(id, at, { minor: 9_999, state: "withdrawn" });
      await effect(id, at, { minor: 9_999, operation: "change_address" });
      await effect(id, "2026-11-08T10:00:00Z", { minor: 100 });
    });
    const told = weeklyReport(weeks, 0).sections.flatMap(({ lines }) => lines);
    const line = told.find((one) => one.startsWith("Refunds: "));
    assert.equal(line, "Refunds: 1, 1.00 USD → 5, 136.50 USD + 7.00 EUR");
  });

  test("of the matters that ended in these days those the bot resolved, and what the model cost in them", async () => {
    const weeks = await compared(async ({ conversation, turn, matter }) => {
      const at = "2026-11-10T10:00:00Z";
      for (const kind of ["confirmed", "durable", "assumed", "handed_off", "abandoned"] as const)
        await matter(await conversation(at), at, kind);
      await turn(await conversation(at), at, { costUsd: 0.5 });
      await turn(await conversation(at), "2026-11-15T22:59:59Z", { costUsd: 0.25 });
      await turn(await conversation(at), "2026-11-15T23:00:00Z", { costUsd: 100 });
      const earlier = await conversation("2026-11-03T10:00:00Z");
      await matter(earlier, "2026-11-08T22:59:59Z", "durable");
      await turn(earlier, "2026-11-03T10:00:00Z", { costUsd: null });
      await matter(await conversation(at), "2026-11-08T23:00:00Z", "abandoned");
    });
    const lines = weeklyReport(weeks, 0).sections.flatMap((one) => one.lines);
    assert.ok(lines.includes("Resolution rate: 1 of 1 → 3 of 6"), lines.join());
    assert.ok(lines.includes("Model cost: price unknown → 0.75 USD"), lines.join());
  });
});

const MINUTE = 60_000;

onDesk("the time to the first reply", (bench) => {
  const measured = () =>
    bench.at(firstReplies, {
      from: new Date("2026-11-19T00:00:00Z"),
      to: new Date("2026-11-21T00:00:00Z"),
    });

  test("counts from when the customer's message came: waiting for a turn, and the model, are part of it", async () => {
    bench.rule({ replyAutonomy: () => "auto" });
    bench.answer(() => {
      bench.skip(30_000);
      return replying("Thank you.");
    });
    await bench.write("Where is it?");
    assert.deepEqual(await measured(), [MINUTE + 30_000]);
    await bench.wake(await arrive(bench, "And mine?", { thread: "t2", agoMs: 120 * MINUTE }));
    const both = (await measured()).toSorted((one, other) => one - other);
    assert.deepEqual(both, [MINUTE + 30_000, 120 * MINUTE + 30_000]);
  });

  test("is also that to a teammate's answer given before the customer's message was read here", async () => {
    const author = { kind: "teammate", id: "email:tom@ourshop.test", name: "Tom" } as const;
    await arrive(bench, "Where is it?", { agoMs: 120 * MINUTE });
    await bench.write("On its way.", { message: { author, answerTo: null } });
    assert.deepEqual(await measured(), [119 * MINUTE]);
  });
});

onDesk("the report", (bench) => {
  const { parts } = bench;
  const ONE_LEAD = (text: string): string =>
    text.replace("lead: [lea@ourshop.test, lee@ourshop.test]", "lead: [lea@ourshop.test]");

  /** To whom, and with which title, in the order in which it left. */
  const told = (): readonly string[] =>
    bench.left.flatMap(({ action }) => {
      if (action.operation !== "digest") return [];
      const { to, sheet } = ReportArguments.parse(action.arguments);
      return [`${to.name ?? "alerts"}: ${sheet.title}`];
    });

  /** The clock moves to a moment, with a look at what is due on the way there and then. */
  async function at(iso: string): Promise<void> {
    bench.skip(Date.parse(iso) - bench.now().getTime());
    await sendReports(parts);
  }

  // The bench begins on Friday 20 November at 10:00 UTC, which is 11:00 in Berlin.
  beforeEach(() => bench.rule(berlinPolicy(ONE_LEAD)));

  test("comes at the first opening of working days, and once however often it is checked", async () => {
    await at("2026-11-20T10:00:00Z");
    await at("2026-11-21T12:00:00Z");
    await at("2026-11-23T07:59:59Z");
    assert.deepEqual(told(), []);
    await at("2026-11-23T08:00:00Z");
    for (const later of ["08:00:01", "15:00:00"]) await at(`2026-11-23T${later}Z`);
    assert.deepEqual(told(), [
      "lea@ourshop.test: 20 to 22 November",
      "alerts: Week 47: 16 to 22 November",
    ]);
    await at("2026-11-24T08:00:00Z");
    assert.deepEqual(told().slice(2), ["lea@ourshop.test: Monday 23 November"]);
  });

  test("tells how many mails lie in Spam, of the inboxes that were looked at within a day", async () => {
    const cursors = storedCursors(bench.parts.store);
    await cursors.write("email-spam:a@shop.test", "2026-11-23T07:30:00.000Z 9");
    await cursors.write("email-spam:b@shop.test", "2026-11-22T08:30:00.000Z 3");
    await cursors.write("email-spam:gone@shop.test", "2026-11-20T08:00:00.000Z 5");
    await cursors.write("email:a@shop.test:INBOX", "{}");
    await at("2026-11-20T10:00:00Z");
    await at("2026-11-23T08:00:00Z");
    const sheets = bench.left.map(({ action }) => JSON.stringify(action.arguments));
    assert.ok(sheets.some((sheet) => sheet.includes("12 in the mailbox's Spam folder")));
  });

  test("goes to no group, which has no direct messages", async () => {
    const leads = 'lead: [lea@ourshop.test, "group:S0123ABC"]';
    bench.rule(berlinPolicy((text) => text.replace(/lead: \[.*\]/, leads)));
    await at("2026-11-20T10:00:00Z");
    await at("2026-11-23T08:00:00Z");
    assert.equal(told().length, 2);
    assert.doesNotMatch(told().join(), /group:/);
  });

  test("of two processes that look at the same moment, one tells it", async () => {
    await at("2026-11-20T10:00:00Z");
    bench.skip(Date.parse("2026-11-23T08:00:00Z") - bench.now().getTime());
    await Promise.all(Array.from({ length: 4 }, () => sendReports(parts)));
    assert.deepEqual([told().length, new Set(told()).size], [2, 2]);
  });

  test("a process that dies between posting and booking leaves neither none nor two", async () => {
    await at("2026-11-20T10:00:00Z");
    bench.skip(Date.parse("2026-11-23T08:00:00Z") - bench.now().getTime());
    const dying = {
      ...parts,
      crashPoint: () => {
        throw new Error("the process is gone");
      },
    };
    await assert.rejects(sendReports(dying), /the process is gone/);
    assert.equal(told().length, 1);
    // It is not known yet that it is gone: the other one is told, this one is left alone.
    await sendReports(parts);
    assert.equal(told().length, 2);
    bench.skip(3 * MINUTE);
    await sendReports(parts);
    assert.equal(told().length, 2);
    assert.deepEqual(await states(), { done: 2, planned: 2 });
  });

  test("while the desk is away it is tried again on its day, and not after it", async () => {
    await at("2026-11-20T10:00:00Z");
    bench.faults.commit = () => {
      throw new DeskhandError("channel.unavailable", "away");
    };
    await at("2026-11-23T08:00:00Z");
    await at("2026-11-23T08:00:20Z");
    bench.faults.commit = () => undefined;
    await at("2026-11-23T08:00:31Z");
    assert.equal(told().length, 2);
    // Down from Monday night to Wednesday noon: Tuesday's is over, Wednesday's is told late.
    await at("2026-11-25T11:30:00Z");
    assert.deepEqual(told().slice(2), ["lea@ourshop.test: Tuesday 24 November"]);
    assert.equal((await states())["missed"], 1);
  });

  test("a person who is no lead any more gets nothing, a new lead does from the next day on", async () => {
    bench.rule(berlinPolicy());
    await at("2026-11-23T12:00:00Z");
    bench.rule(
      berlinPolicy((text) =>
        text.replace(
          "support: [sam@ourshop.test, dana@ourshop.test]\n  lead: [lea@ourshop.test, lee@ourshop.test]",
          "support: [sam@ourshop.test, dana@ourshop.test, lee@ourshop.test]\n  lead: [lea@ourshop.test, kim@ourshop.test]",
        ),
      ),
    );
    // No process looked at the rows between the change and the time: what was planned is not told all the same.
    await at("2026-11-24T08:00:00Z");
    assert.deepEqual(told(), ["lea@ourshop.test: Monday 23 November"]);
    await at("2026-11-25T08:00:00Z");
    assert.deepEqual(told().slice(1).toSorted(), [
      "kim@ourshop.test: Tuesday 24 November",
      "lea@ourshop.test: Tuesday 24 November",
    ]);
  });

  test("of a week counts the lessons that the console shows, alike in meaning as well", async () => {
    bench.answer(() => replying("You can return it within 30 days."));
    const others = ["We collect it.", "A courier fetches the parcel.", "Our driver picks up."];
    for (const [at, text] of others.entries()) {
      const id = await bench.write("How do I send it back?", { thread: `t${at}` });
      await bench.press("edit", id, undefined, { edit: { text, amount: null } });
    }
    const vectors = async (texts: readonly string[]) => texts.map(() => Float32Array.of(1));
    await at("2026-11-20T10:00:00Z");
    bench.skip(Date.parse("2026-11-23T08:00:00Z") - bench.now().getTime());
    await sendReports({ ...parts, policy: parts.policy, vectors });
    const reports = bench.made("digest");
    assert.match(JSON.stringify(reports), /1 waits for a lead's decision/);
  });

  async function states(): Promise<Readonly<Record<string, number>>> {
    const rows = await bench.rows(
      z.object({ state: z.string(), count: z.coerce.number() }),
      sql`select state, count(*) as count from digest group by state`,
    );
    return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
  }
});

onDesk("a candidate", (bench) => {
  test("says that the bot's draft was edited where its words were, and not where a click was taken back", async () => {
    bench.answer(() => replying("It arrives on Monday."));
    const answered = async (thread: string, first: (id: string) => Promise<unknown>) => {
      const id = await bench.write("Where is it?", { thread });
      await first(id);
      await bench.press("approve", id);
      await bench.pass(6_000, 2);
      await bench.execute(sql`update conversation set solved_at = ${bench.now()} where id = ${id}`);
      await bench.at(refreshCandidates, [id], bench.now());
      const found = await bench.at(listCandidates, 10);
      return found.find(({ conversationId }) => conversationId === id)?.answeredBy;
    };
    const edit = { text: "It arrives on Tuesday.", amount: null };
    const edited = await answered("t1", (id) => bench.press("edit", id, undefined, { edit }));
    assert.equal(edited, "bot_edited");
    const takenBack = await answered("t2", async (id) => {
      const card = await bench.pending(id);
      const { version = 0, id: approvalId = "" } = card ?? {};
      await bench.press("approve", id);
      const sam = teammate("sam@ourshop.test");
      const answer = await bench.decide(approvalId, "undo", { version, teammate: sam });
      assert.equal(answer.accepted, true, answer.message);
    });
    assert.equal(takenBack, "bot");
  });
});

onDesk("a ticket kept from a rehearsal", (bench) => {
  test("is printed as a case without the number of its order, and without a name that its text alone has", async () => {
    const [said] = pastTicket().messages;
    assert.ok(said);
    const text = "My wife Anna Schmidt got the lamp of order 1002 broken. Please refund it.";
    const [action] = pastTicket().actions ?? [];
    assert.ok(action);
    const ticket = pastTicket({
      messages: [{ ...said, text }],
      actions: [{ ...action, orderId: "1002" }],
    });
    const about = { source: "file", model: "m", isRehearsalModel: true, policyVersion: "p" };
    await bench.at(startRehearsal, { ...about, id: "r", tickets: 1, startedAt: bench.now() });
    const played = rehearsedTicket({ ticket });
    await bench.at(keepRehearsed, "r", { played, customerId: null });
    await bench.at(setTicket, { rehearsalId: "r", ticketId: ticket.id }, { keptAs: "rehearsed-r" });
    const printed = await addCandidate(bench.parts.store, "rehearsed-r", bench.now());
    assert.match(printed.text, /order: "\[number\]"/);
    assert.doesNotMatch(printed.text, /1002|Anna|Schmidt/);
    assert.match(await evalCandidateTable(bench.parts.store), /rehearsed-r/);
    const no = { decision: "declined", at: bench.now(), pseudonym: async () => "p" } as const;
    assert.equal(await decideOnCandidate(bench.parts.store, "rehearsed-r", no), null);
    assert.doesNotMatch(await evalCandidateTable(bench.parts.store), /rehearsed-r/);
  });
});

function candidateAfter(turn: Partial<TurnTrace>): string {
  return caseOfConversation({
    conversationId: "c_1",
    channel: "email",
    reason: "solved",
    rating: null,
    comment: "",
    answeredBy: "person",
    messages: [],
    lastTurn: traceWith({
      request_id: "t_1",
      conversation_id: "c_1",
      outcome: "escalated",
      escalated_to_human: true,
      ...turn,
    }),
    effects: [],
    cards: [],
  });
}

test("a turn that was handed over for a delicate topic is expected to be, whatever its reason says", () => {
  assert.match(candidateAfter({ delicate: "legal" }), /expected_outcome: delicate/);
  assert.match(candidateAfter({ outcome_reason: "legal" }), /expected_outcome: escalate/);
});
