/** A conversation from another channel is handed to people: a ticket is opened, and each side sees the other once. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { DeskhandError } from "#core/values/errors.ts";
import { ReplyArguments } from "#core/values/action.ts";
import { openGuard } from "#test/support/fixtures/open-guard.ts";
import { replying } from "#test/jobs/turn-results.ts";
import { inOffice } from "#test/zendesk/office.ts";

const ESCALATING = {
  ending: {
    kind: "escalate",
    reason: "the customer asks for a person",
    summary: "Ann wants to talk about her lamp.",
    tried: ["find_order: order 456 is processing"],
    delicate: null,
  },
} as const;

inOffice("a hand-over from the mailbox", (office) => {
  /** Ann mails, the agent hands over, and the ticket is there. */
  const handedOver = async (): Promise<{ readonly origin: string; readonly ticketId: number }> => {
    office.desk.answer(() => replying("", ESCALATING));
    const origin = await office.desk.write("I want to talk to somebody.");
    await office.settle();
    return { origin, ticketId: await newestTicket() };
  };
  const newestTicket = async (): Promise<number> => {
    const made = office
      .writes()
      .filter(({ method, path }) => method === "POST" && path.startsWith("/api/v2/tickets"));
    assert.ok(made.length > 0, "no ticket was opened");
    for (let id = 50; id > 0; id -= 1)
      if (await office.ticket(id).then(Boolean, () => false)) return id;
    throw new Error("no ticket");
  };
  const opened = (): number =>
    office
      .writes()
      .filter(({ method, path }) => method === "POST" && path.startsWith("/api/v2/tickets")).length;
  const mails = (): readonly string[] =>
    office.desk.left
      .filter(({ target, action }) => target === "email" && action.operation === "reply")
      .map(({ action }) => ReplyArguments.parse(action.arguments).text);
  const relayed = (text: string): number => mails().filter((mail) => mail === text).length;
  const notes = async (ticketId: number): Promise<readonly string[]> =>
    (await office.comments(ticketId)).filter(({ public: shown }) => !shown).map(({ body }) => body);

  test("opens one ticket of ours, whose own event leads to nothing", async () => {
    const { ticketId } = await handedOver();
    assert.equal(opened(), 1);
    const ticket = await office.ticket(ticketId);
    assert.equal(ticket.group_id, office.sandbox.groups.tier2);
    assert.equal(ticket.assignee_id, null);
    assert.ok(ticket.tags.includes("deskhand_linked"));
    const [summary, ...more] = await office.comments(ticketId);
    assert.deepEqual([summary?.author_id, more], [office.sandbox.users.bot, []]);
    assert.equal(ticket.requester_id, office.sandbox.users.ann);
    assert.equal(mails().length, 1);
    assert.deepEqual(office.desk.alerts(), []);
  });

  for (const lost of [false, true])
    test(`tells the team when Zendesk takes our summary for the customer's words${lost ? ", also when its answer is lost" : ""}`, async () => {
      await office.control("PUT", "settings", { ignoreSubmitter: true });
      if (lost)
        await office.control("POST", "faults", { kind: "lost_response", method: "POST", times: 1 });
      const { ticketId } = await handedOver();
      const alerts = office.desk.alerts().map(({ text }) => text);
      assert.equal(alerts.length, 1);
      const words = `ticket ${ticketId} as words of user ${office.sandbox.users.ann}`;
      assert.ok(alerts[0]?.includes(words), alerts[0]);
    });

  test("relays a teammate's public answer once, unchanged and unapproved, also when its event comes again", async () => {
    const { ticketId } = await handedOver();
    await office.comment("dana", ticketId, "Dear Ann,\n\nI called the warehouse.\nDana");
    await office.settle();
    await office.as("dana", "PUT", `/tickets/${ticketId}`, { ticket: { tags: ["called"] } });
    await office.settle();
    assert.equal(relayed("Dear Ann,\n\nI called the warehouse.\nDana"), 1);
    assert.equal(office.desk.cards.size, 0);
    await office.comment("dana", ticketId, "Internal: she is angry.", false);
    await office.settle();
    assert.equal(mails().length, 2);
  });

  /** As the agents' editor writes it. */
  const RICH = [
    '<p>Dear Ann,</p><p>you can follow it <a href="https://track.example/123">here</a>.</p>',
    "<blockquote><p>Is it a gift?</p></blockquote><p>Yes.</p>",
    "<p>This is what we sent:</p><p>From: Shop<br>Sent: Monday<br>Subject: Lamp<br>Your code is 4711</p>",
  ].join("");
  const WHOLE =
    "Dear Ann,\n\nyou can follow it here (https://track.example/123).\n\n> Is it a gift?\n\nYes.\n\nThis is what we sent:\n\nFrom: Shop\nSent: Monday\nSubject: Lamp\nYour code is 4711";

  test("relays what a teammate typed with its addresses and quotations, and nothing cut", async () => {
    const { ticketId } = await handedOver();
    const comment = { html_body: RICH, public: true };
    await office.as("dana", "PUT", `/tickets/${ticketId}`, { ticket: { comment } });
    await office.settle();
    assert.deepEqual([mails().at(-1), office.desk.alerts()], [WHOLE, []]);
  });

  test("an answer that a teammate mailed goes on without its thread, and the team is told", async () => {
    const { ticketId } = await handedOver();
    const html_body = `<p>It is <a href="https://track.example/1">here</a>.</p><blockquote>Where is it, please?</blockquote>`;
    await office.mail("dana@ourshop.test", "", { ticketId, html: html_body, public: true });
    await office.settle();
    const [alert] = office.desk.alerts().map(({ text }) => text);
    assert.match(alert ?? "", /answer is passed on without what its mail quotes\. http/);
    assert.equal(relayed("It is here (https://track.example/1)."), 1);
  });

  test("tells the team of an answer that a reply cannot hold, and the conversation goes on", async () => {
    const { ticketId } = await handedOver();
    await office.comment("dana", ticketId, "lamp ".repeat(12_500));
    await office.settle();
    const alerts = office.desk.alerts().filter(({ text }) => text.includes("no words or too many"));
    assert.equal(alerts.length, 1);
    await office.comment("dana", ticketId, "I called the warehouse.");
    await office.settle();
    assert.deepEqual([relayed("I called the warehouse."), mails().length], [1, 2]);
  });

  test("an answer that does not arrive is told in the ticket where it was written, refused or sent back", async () => {
    const { ticketId } = await handedOver();
    const email = office.desk.parts.channels.get("email");
    assert.ok(email);
    const refused = new DeskhandError("channel.refused", "no such mailbox (5.1.1)");
    office.desk.connect({ ...email, commit: () => Promise.reject(refused) });
    await office.comment("dana", ticketId, "I called the warehouse.");
    await office.settle();
    const [note] = await notes(ticketId).then((all) => all.slice(-1));
    assert.match(note ?? "", /A reply failed \(email\): .*no such mailbox/);
    const at = office.desk.now().toISOString();
    const back = { kind: "bounced", key: "report-1", at, ref: "r", reason: "sent back" } as const;
    await office.desk.write("Nobody lives here.", {
      message: { author: { kind: "system", id: "email:mx.test", name: "Daemon" }, answerTo: null },
      signals: [{ ...back, permanent: true }],
    });
    await office.settle();
    const bounced = (await notes(ticketId)).filter((text) =>
      /^Not delivered .*sent back/.test(text),
    );
    assert.equal(bounced.length, 1);
  });

  test("tells the team of the files of an answer, which do not go with its words", async () => {
    const { ticketId } = await handedOver();
    const made = await office.as("dana", "POST", "/uploads?filename=label.pdf", "bytes");
    const { upload } = z.object({ upload: z.object({ token: z.string() }) }).parse(made);
    const comment = { body: "Please print the label.", public: true, uploads: [upload.token] };
    await office.as("dana", "PUT", `/tickets/${ticketId}`, { ticket: { comment } });
    await office.settle();
    const [alert] = office.desk.alerts().map(({ text }) => text);
    assert.match(alert ?? "", /answer is passed on without its 1 file\. http/);
    assert.equal(relayed("Please print the label."), 1);
  });

  test("a ticket that goes into a private group is missed aloud, and nobody else reads what the customer adds", async () => {
    const { tier2, sensitive } = office.sandbox.groups;
    const { origin, ticketId } = await handedOver();
    await office.comment("dana", ticketId, "Dear Ann, I am on it.");
    await office.settle();
    await office.edit("groups", tier2, { is_public: false });
    await office.comment("dana", ticketId, "Dear Ann, your money is on its way.");
    await office.settle();
    const alerts = (): readonly string[] => office.desk.alerts().map(({ text }) => text);
    const lost = `answer in ticket ${ticketId} does not reach the customer, who wrote by email: ticket ${ticketId} was deleted, or is hidden`;
    assert.equal(alerts().filter((text) => text.includes(lost) && text.includes(origin)).length, 1);
    await office.desk.write("My lawyer is Mr Smith.");
    await office.settle();
    assert.equal(opened(), 2);
    assert.equal((await office.ticket(ticketId + 1)).group_id, sensitive);
    assert.equal(
      alerts().filter((text) => text.includes("opened in the group Sensitive")).length,
      1,
    );
  });

  test("passes on the files and the whole of a long text that the customer adds", async () => {
    const { ticketId } = await handedOver();
    const photo = { name: "lamp.jpg", mediaType: "image/jpeg", bytes: 9 };
    await office.desk.write(`${"word ".repeat(5_000)}the end`, {
      message: { attachments: [photo] },
    });
    await office.settle();
    const [note] = (await notes(ticketId)).filter((text) => text.includes("wrote again by email"));
    assert.match(note ?? "", /Sent with it: 1 photo: lamp\.jpg\n.*http:.*word the end$/s);
  });

  test("passes on what the customer adds as a note, and opens a solved ticket again for it", async () => {
    const { ticketId } = await handedOver();
    await office.as("dana", "PUT", `/tickets/${ticketId}`, {
      ticket: { status: "solved", assignee_id: office.sandbox.users.dana },
    });
    await office.settle();
    await office.desk.write("It is broken again.");
    await office.settle();
    assert.equal(opened(), 1);
    assert.equal((await office.ticket(ticketId)).status, "open");
    assert.equal((await notes(ticketId)).filter((note) => note.includes("broken again")).length, 1);
    assert.equal(mails().length, 1);
  });

  test("is one ticket and one note each when the answers of Zendesk are lost on the way", async () => {
    await office.control("POST", "faults", { kind: "lost_response", method: "POST", times: 1 });
    const { ticketId } = await handedOver();
    await office.control("POST", "faults", { kind: "lost_response", method: "PUT", times: 1 });
    await office.desk.write("Are you there?");
    await office.settle();
    assert.equal(opened(), 1);
    assert.equal(
      (await notes(ticketId)).filter((note) => note.includes("Are you there?")).length,
      1,
    );
  });

  test("a delicate message that people have had does not take away again what a lead gave back", async (context) => {
    const guard = openGuard({
      delicate: (messages) =>
        messages.some(({ text }) => text.includes("lawyer"))
          ? { topic: "legal", words: "lawyer" }
          : null,
    });
    const { parts } = office.desk;
    const before = Object.getOwnPropertyDescriptor(parts, "guard");
    Object.defineProperty(parts, "guard", { configurable: true, get: () => guard });
    context.after(() => Object.defineProperty(parts, "guard", before ?? {}));
    await office.desk.write("My lawyer will hear of this.");
    await office.settle();
    const ticketId = await newestTicket();
    await office.desk.write("So what about my lamp?");
    await office.settle();
    const asked: string[] = [];
    office.desk.answer(({ unread }) => {
      asked.push(...unread.map(({ text }) => text));
      return replying("It leaves on Monday.");
    });
    await office.as("lee", "PUT", `/tickets/${ticketId}`, {
      ticket: { assignee_id: office.sandbox.users.bot },
    });
    await office.settle();
    assert.deepEqual(asked, ["My lawyer will hear of this.", "So what about my lamp?"]);
    assert.equal(
      [...office.desk.cards.values()].filter(({ state }) => state === "pending").length,
      1,
    );
  });

  test("gives the origin back with the ticket: the bot answers what no teammate answered, with the team's notes", async () => {
    const { origin, ticketId } = await handedOver();
    await office.comment("dana", ticketId, "She may have a free bulb.", false);
    await office.desk.write("So what about my lamp?");
    await office.settle();
    const told: string[] = [];
    office.desk.answer((input) => {
      told.push(...input.history.map(({ text }) => text));
      assert.deepEqual(
        input.unread.map(({ text }) => text),
        ["I want to talk to somebody.", "So what about my lamp?"],
      );
      return replying("It leaves on Monday.");
    });
    await office.as("lee", "PUT", `/tickets/${ticketId}`, {
      ticket: { assignee_id: office.sandbox.users.bot },
    });
    await office.settle();
    assert.ok(told.includes("She may have a free bulb."), told.join(" | "));
    assert.equal(
      [...office.desk.cards.values()].filter(({ state }) => state === "pending").length,
      1,
    );
    assert.equal((await notes(ticketId)).filter((note) => note.includes("has it again")).length, 1);
    await office.desk.press("approve", origin);
    await office.settle();
    assert.equal(mails().filter((mail) => mail.includes("It leaves on Monday.")).length, 1);
  });
});
