/** What an alert shows of its case, and what its buttons do where there is no card. */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { AssignArguments, CreateTicketArguments } from "#core/values/action.ts";
import { AlertedCase } from "#core/values/alert.ts";
import type { DecisionButton } from "#core/contracts/approval-desk.ts";
import { deskHandler } from "#jobs/decisions/desk-handler.ts";
import { loadConversation } from "#store/conversations/conversations.ts";
import { openGuard } from "#test/support/fixtures/open-guard.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { replying } from "#test/jobs/turn-results.ts";
import { customerCalled } from "#test/jobs/customers.ts";

const LONG = `My lawyer will sue you. ${"I want my money back. ".repeat(30)}`;

onDesk("an alert about a case", (bench) => {
  beforeEach(() => {
    bench.answer(() => replying("It is on its way."));
    const guard = openGuard({
      delicate: (messages) =>
        messages.some(({ text }) => text.includes("lawyer"))
          ? { topic: "legal", words: "lawyer" }
          : null,
    });
    Object.defineProperty(bench.parts, "guard", { configurable: true, get: () => guard });
  });

  const shown = () =>
    bench.left.flatMap(({ action }) =>
      action.operation === "alert" && action.arguments["case"] !== undefined
        ? [AlertedCase.parse(action.arguments["case"])]
        : [],
    );
  const owner = (id: string) =>
    bench.parts.store.run((transaction) => loadConversation(transaction, id));
  const assigned = () => bench.left.filter(({ action }) => action.operation === "assign");
  let clicks = 0;
  const press = async (button: DecisionButton, id: string, who = "lea@ourshop.test") => {
    const answer = await deskHandler(bench.parts).decide({
      decisionId: `case-click-${(clicks += 1)}`,
      approvalId: id,
      version: 1,
      button,
      teammate: { id: who, name: who.split("@")[0] ?? who, email: who, eligible: true },
      reason: "",
      edit: null,
    });
    await bench.tick();
    return answer;
  };

  test("says who, about what, the first 200 characters, what they were told, and where it is", async () => {
    const id = await bench.write(LONG, {
      channel: "zendesk",
      thread: "7",
      message: {
        subject: "Last warning",
        author: { kind: "requester", id: "z:9", name: "Bob Marsh" },
      },
    });
    const [about] = shown();
    assert.ok(about !== undefined);
    assert.deepEqual(
      [about.conversationId, about.name, about.subject, about.channel],
      [id, "Bob Marsh", "Last warning", "zendesk"],
    );
    assert.ok(about.words.length <= 200 && about.words.endsWith("…"), about.words);
    assert.ok(LONG.startsWith(about.words.slice(0, -1).trim()));
    assert.match(about.told, /^Told the customer: “.*It is with our team now.*”$/);
    assert.match(about.expects, /^No time was promised\. A reminder comes at 20 Nov \d\d:\d\d/);
    assert.deepEqual(about.link, {
      label: "Ticket #7",
      url: "http://zendesk.test/agent/tickets/7",
    });
    assert.equal(about.canBeTaken, true);
    // What the ledger keeps is what an older version of the desk accepts.
    const [{ text, people } = { text: "", people: [] }] = bench.alerts();
    assert.match(text, /Delicate \(legal\)/);
    assert.deepEqual(people, ["lea@ourshop.test"]);
  });

  test("leaves the customer's words out where the policy says so, and names the next opening while closed", async () => {
    bench.rule({ alertsShowWords: false, closedText: () => "We are back on Monday 09:00." });
    await bench.write("My lawyer will call", { thread: "t1" });
    const [about] = shown();
    assert.equal(about?.words, "");
    assert.equal(about?.expects, "The team is closed: “We are back on Monday 09:00.”");
  });

  test("is taken over once: the ticket gets the name after the undo time, and nobody is reminded", async () => {
    const id = await bench.write("My lawyer will call", { channel: "zendesk", thread: "7" });
    const before = assigned().length;
    assert.equal((await press("take_over", id, "ned@ourshop.test")).accepted, false);
    const taken = await press("take_over", id);
    assert.deepEqual([taken.accepted, taken.message], [true, "Taken over by lea"]);
    assert.equal(taken.undoMs, bench.parts.policy.undoMs);
    assert.equal(assigned().length, before);
    assert.match((await press("take_over", id, "sam@ourshop.test")).message, /^lea has this/);
    bench.skip(bench.parts.policy.undoMs + 1_000);
    await bench.tick();
    const last = AssignArguments.parse(assigned().at(-1)?.action.arguments);
    assert.deepEqual(last.taker, { name: "lea", email: "lea@ourshop.test" });
    assert.equal((await owner(id))?.handedOverAt, null);
    assert.equal((await press("undo", id)).accepted, false);
  });

  test("is given back within the undo time, and can be taken by the next one", async () => {
    const id = await bench.write("My lawyer will call", { channel: "zendesk", thread: "7" });
    const before = assigned().length;
    const held = async () => {
      const { holder, delicate } = (await owner(id))?.reason ?? {};
      return [holder, delicate];
    };
    assert.deepEqual(await held(), [null, "legal"]);
    await press("take_over", id);
    assert.deepEqual(await held(), ["lea", "legal"], "what it is about stays known");
    assert.equal((await press("undo", id)).message, "Given back to the team.");
    assert.deepEqual(await held(), [null, "legal"]);
    bench.skip(60_000);
    await bench.tick();
    assert.equal(assigned().length, before);
    assert.notEqual((await owner(id))?.handedOverAt, null);
    assert.equal((await press("take_over", id, "sam@ourshop.test")).message, "Taken over by sam");
  });

  test("a conversation the bot still has ends its card, or gets a ticket with the teammate's name", async () => {
    bench.bindTo(customerCalled("bob"));
    const id = await bench.write("Where is it?", { thread: "t2" });
    assert.notEqual(await bench.pending(id), null);
    assert.equal((await press("take_over", id)).message, "Taken over by lea");
    assert.equal(await bench.pending(id), null);
    bench.skip(60_000);
    await bench.tick();
    const [made] = bench.left.filter(({ action }) => action.operation === "create_ticket");
    assert.equal(CreateTicketArguments.parse(made?.action.arguments).taker?.name, "lea");
    assert.deepEqual(bench.replies(), []);
  });
});
