import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ownershipSignals } from "#zendesk/read/ownership-signals.ts";
import { Audit } from "#zendesk/api/schema.ts";
import type { Signal } from "#core/values/message.ts";

const BOT = 100;
const LEE = 200;
const DANA = 201;
const PROGRAM = 300;
const ANN = 400;
const GROUP = { bot: 10, tier2: 20 };
const account = {
  botUserId: BOT,
  botGroupId: GROUP.bot,
  programs: { users: [PROGRAM], rules: ["Shift plan"] },
  nameOf: (id: number) => `user ${id}`,
  groupNameOf: (id: number) => `group ${id}`,
  isEndUser: (id: number) => id === ANN,
};

/** Audits as Zendesk writes them where the sandbox, which has no rules, cannot. */
function audit(id: number, author: number, changes: Record<string, unknown>, via = "web"): Audit {
  return Audit.parse({
    id,
    author_id: author,
    created_at: "2026-11-20T12:00:00Z",
    via: { channel: via },
    events: Object.entries(changes).map(([name, value], index) => ({
      id: id * 10 + index,
      type: "Change",
      field_name: name,
      value,
    })),
  });
}

const assignments = (signals: readonly Signal[]): unknown[] =>
  signals.map((one) => (one.kind === "assigned" ? [one.to, one.automatic] : one.kind));

describe("who has a ticket, from its audits", () => {
  test("a side conversation is over once the bot answered the customer after it, or has the ticket again", () => {
    const event = (id: number, author: number, type: string, more = {}): Audit =>
      Audit.parse({ ...audit(id, author, {}), events: [{ id: id * 10, type, ...more }] });
    const side = event(1, DANA, "CollabThreadCreated");
    const added = { field_name: "tags", value: ["bot_resume"], previous_value: [] };
    assert.deepEqual(assignments(ownershipSignals([side], account)), [["human", false]]);
    for (const [audits, expected] of [
      [[side, event(2, BOT, "Comment", { public: true })], []],
      [[side, event(2, DANA, "Change", added)], [["bot", false]]],
      [[side, event(2, BOT, "Comment", { public: false })], [["human", false]]],
      [[event(2, BOT, "Comment", { public: true }), { ...side, id: 3 }], [["human", false]]],
    ] as const)
      assert.deepEqual(assignments(ownershipSignals(audits, account)), expected);
  });

  test("a side conversation that the bot or a program began is no teammate's, and its name may be written otherwise", () => {
    const owners = (author: number, type: string, via?: string): unknown => {
      const begun = Audit.parse({ ...audit(7, author, {}, via), events: [{ id: 8, type }] });
      return assignments(ownershipSignals([begun], account));
    };
    for (const type of ["CollabThreadCreated", "Collaboration thread created"])
      assert.deepEqual(owners(DANA, type), [["human", false]]);
    assert.deepEqual(owners(BOT, "CollabThreadCreated"), []);
    assert.deepEqual(owners(PROGRAM, "CollabThreadCreated"), []);
    assert.deepEqual(owners(DANA, "CollabThreadCreated", "rule"), []);
    assert.deepEqual(owners(DANA, "CollabThreadClosed"), []);
  });

  test("what Zendesk assigns by itself is told as Zendesk's, and no customer's or admin's deed", () => {
    const tier2 = { group_id: String(GROUP.tier2) };
    const told = (made: Audit): unknown[] =>
      ownershipSignals([made], account).map((one) =>
        one.kind === "assigned" ? [one.automatic, one.actor] : one.kind,
      );
    // The group of her organisation, in the audit with which her request begins.
    assert.deepEqual(told(audit(1, ANN, tier2)), [[true, "user 0"]]);
    for (const via of ["group_deletion", "user_deletion", "user_change", "group_change", "12"])
      assert.deepEqual(told(audit(1, LEE, tier2, via)), [[true, "user 200"]]);
    assert.deepEqual(told(audit(1, LEE, tier2)), [[false, "user 200"]]);
    assert.deepEqual(told(audit(1, ANN, { status: "solved" })), ["solved"]);
  });

  test("an event of a kind we do not read keeps no audit from being read, whatever is in it", () => {
    const { events } = audit(1, LEE, { assignee_id: String(LEE) });
    const other = { id: 9, type: "FacebookEvent", body: { text: "Hi" }, score: 3 };
    const odd = [
      { id: "01HX", type: "New" },
      { type: "New" },
      { id: 8, type: "New", via: "system" },
      { id: 7, type: "New", author_id: "12" },
    ];
    const read = Audit.parse({ ...audit(1, LEE, {}), events: [other, ...odd, ...events] });
    for (const event of odd)
      assert.ok(!Audit.safeParse({ ...read, events: [{ ...event, type: "Change" }] }).success);
    assert.deepEqual(assignments(ownershipSignals([read], account)), [["human", false]]);
  });

  test("away, back and away again ends away, in whatever order the pages came", () => {
    const away = audit(1, LEE, { assignee_id: String(DANA), group_id: String(GROUP.tier2) });
    const back = audit(2, LEE, { assignee_id: null, group_id: String(GROUP.bot) });
    const again = audit(3, LEE, { assignee_id: String(LEE), group_id: String(GROUP.tier2) });
    for (const order of [
      [away, back, again],
      [again, back, away],
    ])
      assert.deepEqual(assignments(ownershipSignals(order, account)), [
        ["human", false],
        ["bot", false],
        ["human", false],
      ]);
  });

  test("solved once is one signal, also when it closes later; reopening is one, and so is solving again", () => {
    const at = (id: number, status: string): Audit => audit(id, DANA, { status });
    const story = [at(1, "solved"), at(2, "closed")];
    assert.deepEqual(assignments(ownershipSignals(story, account)), ["solved"]);
    const reopened = [at(1, "solved"), at(2, "open"), at(3, "solved")];
    assert.deepEqual(assignments(ownershipSignals(reopened, account)), [
      "solved",
      "reopened",
      "solved",
    ]);
  });

  test("a program or a rule that was named decides nothing, whatever way in it uses", () => {
    const byProgram = audit(1, PROGRAM, { assignee_id: String(DANA) });
    const shift = { channel: "web", source: { from: { title: "Shift plan" }, to: {}, rel: null } };
    const byRule = Audit.parse({ ...audit(2, LEE, { assignee_id: String(LEE) }), via: shift });
    assert.deepEqual(assignments(ownershipSignals([byProgram, byRule], account)), [
      ["human", true],
      ["human", true],
    ]);
  });

  test("each adding of the tag by a person hands back; a rule, a program and a beginning do not", () => {
    const tagged = (id: number, author: number, before: string[], after: string[], via = "web") =>
      Audit.parse({
        ...audit(id, author, {}, via),
        events: [{ id, type: "Change", field_name: "tags", value: after, previous_value: before }],
      });
    const resumed = ["bot_resume"];
    assert.deepEqual(assignments(ownershipSignals([tagged(1, LEE, [], resumed)], account)), [
      ["bot", false],
    ]);
    const born = Audit.parse({
      ...audit(1, LEE, {}),
      events: [{ id: 1, type: "Create", field_name: "tags", value: resumed }],
    });
    const nothing = [
      born,
      tagged(2, LEE, resumed, [...resumed, "vip"]),
      tagged(3, LEE, resumed, []),
      tagged(4, -1, [], resumed, "rule"),
      tagged(5, PROGRAM, [], resumed),
      tagged(6, BOT, [], resumed),
    ];
    assert.deepEqual(assignments(ownershipSignals(nothing, account)), []);
  });
});
