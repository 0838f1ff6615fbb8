/** Shared macros of a Zendesk account as passages: what is imported, how changes are followed, how one is cited. */

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { zendeskMacros, renderComment } from "#zendesk/macros/sync.ts";
import type { PassageSource } from "#core/contracts/knowledge.ts";
import type { Embedder } from "#knowledge/embedder.ts";
import { followSources, type FollowedSources } from "#knowledge/sync-sources.ts";
import { openPages, type OpenKnowledge } from "#knowledge/index.ts";
import { type SandboxZendesk, startSandboxZendesk } from "#sandbox/zendesk/index.ts";
import { allTools } from "#tools/index.ts";
import { emptyStore, listeningLog, never, page } from "#test/knowledge/bench.ts";
import { agentUnderTest, turn } from "#test/support/fixtures/turns.ts";
import { memoryShop } from "#test/support/fixtures/memory-shop.ts";
import { benchFor } from "#test/zendesk/bench.ts";
import { deskOf } from "#test/zendesk/read/people.ts";
import { MAIN_DATABASE } from "#test/support/deskhand.ts";
import { rehearsalModel } from "#sandbox/rehearsal/rehearsal.ts";

test("shared macros with words for customers are taken; others are left out, each with its reason", async (context) => {
  const { sandbox, edit } = await benchFor(context);
  const words = "Hinges are kept for ten years by our workshop.";
  const add = async (title: string, actions: readonly object[], more: object = {}) =>
    void (await edit("macros", undefined, { title, actions, ...more }));
  await add("Two channels", [
    { field: "comment_value", value: ["channel:chat", "Just a short word for the chat."] },
    { field: "comment_value", value: ["channel:web", words] },
    { field: "priority", value: "high" },
    { field: "brand_id", value: "4300000101" },
  ]);
  await add("A note", [
    { field: "comment_value", value: words },
    { field: "comment_mode_is_public", value: "false" },
  ]);
  await add("For tier 2", [{ field: "comment_value", value: words }], {
    restriction: { type: "Group", id: sandbox.groups.bot, ids: [sandbox.groups.bot] },
  });
  await add("Only fields", [{ field: "status", value: "solved" }]);
  await add("Phone", [{ field: "comment_value", value: ["channel:voice", words] }]);
  await add("Off", [{ field: "comment_value", value: words }], { active: false });
  await add("{{dc.title}} in the title", [{ field: "comment_value", value: words }]);
  const { pages, leftOut } = await macrosOf(sandbox).read(never);
  assert.deepEqual(Object.fromEntries(pages.map(({ title, text }) => [title, text.slice(0, 40)])), {
    "Engraving: How to send the wording": "For an engraving we need:\n\n- up to 24 le",
    "Lamps: Flickering with a dimmer": "Flickering nearly always comes from a di",
    "Two channels": words.slice(0, 40),
    "Workshop: Spare parts for old models": "Our workshop keeps hinges, glass shades ",
  });
  assert.deepEqual(Object.fromEntries(leftOut.map(({ title, reason }) => [title, reason])), {
    "A note": "an internal note",
    "Close with the state of the ticket": "the placeholder ticket.title",
    "For tier 2": "of some groups alone",
    "Only fields": "no words for customers",
    Phone: "no words for customers",
    "{{dc.title}} in the title": "a placeholder in its title",
  });
  const asAdmin = await macrosOf(sandbox, "admin").read(never);
  assert.ok(
    asAdmin.leftOut.some(
      ({ title, reason }) => title === "Dana's own lines" && reason === "of one person alone",
    ),
  );
});

function macrosOf(sandbox: SandboxZendesk, who: "bot" | "admin" = "bot"): PassageSource {
  return zendeskMacros({
    url: sandbox.url,
    writerToken: async () => sandbox.tokens[who],
    clock: { now: () => new Date() },
    callsPerMinute: 6_000,
  });
}

describe("macros beside the help pages", () => {
  const opened: { sandbox?: SandboxZendesk; knowledge?: OpenKnowledge } = {};
  const log = listeningLog();
  const files = [
    page("returns", "## How\n\nSend it back in a box with the glass shades wrapped.\n"),
  ];
  let directory: string;
  let database: Awaited<ReturnType<typeof emptyStore>>;
  let sandbox: SandboxZendesk;
  let source: PassageSource;
  let knowledge: OpenKnowledge;
  let followed: FollowedSources;

  const open = (
    sources: readonly string[],
    embedder: Embedder | null = null,
  ): Promise<OpenKnowledge> =>
    openPages({ store: database.store, log, pages: files, embedder, sources });
  const found = async (query: string, where = knowledge): Promise<string[]> =>
    (await where.search(query, 4, never)).map(({ title }) => title);
  const edit = (id?: number, fields?: object): Promise<number> =>
    deskOf(sandbox).edit("macros", id, fields);

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "deskhand-macros-"));
    sandbox = await startSandboxZendesk({ directory, now: () => new Date() });
    opened.sandbox = sandbox;
    database = await emptyStore(MAIN_DATABASE);
    source = macrosOf(sandbox);
    knowledge = await open([source.name]);
    opened.knowledge = knowledge;
    followed = followSources({ knowledge, sources: [source], log });
    await followed.look();
  });
  after(async () => {
    await opened.knowledge?.close();
    await opened.sandbox?.close();
    await database.destroy();
    await rm(directory, { recursive: true, force: true });
  });

  test("the agent answers from one and names it by its title, with no address", async () => {
    const shop = memoryShop(new Date());
    const { agent } = agentUnderTest({
      model: rehearsalModel(),
      tools: allTools({ shop, knowledge }),
    });
    const { ending, passages } = await agent.run(
      turn(["Why is my lamp flickering with a dimmer?"]),
    );
    assert.ok(ending.kind === "reply", JSON.stringify(ending));
    assert.match(ending.text, /trailing-edge dimmer/);
    assert.match(ending.text, /\(see Lamps: Flickering with a dimmer\)/);
    assert.doesNotMatch(ending.text, /https?:|zendesk|\{\{|Best regards/i);
    assert.ok(passages.some(({ url }) => url === ""));
  });

  test("a changed one says the new thing, one switched off or deleted says nothing, and files stay", async () => {
    const id = await edit(undefined, {
      title: "Chairs::Squeaking",
      actions: [{ field: "comment_value", value: "Put beeswax on each joint of the chair." }],
    });
    await followed.look();
    assert.deepEqual(await found("beeswax"), ["Chairs: Squeaking"]);
    const actions = [{ field: "comment_value", value: "Rub candle tallow into every joint." }];
    await edit(id, { actions });
    await followed.look();
    assert.deepEqual([await found("beeswax"), await found("tallow")], [[], ["Chairs: Squeaking"]]);
    await edit(id, { active: false });
    await followed.look();
    assert.deepEqual(await found("tallow"), []);
    await edit(id, { active: true });
    await followed.look();
    assert.deepEqual(await found("tallow"), ["Chairs: Squeaking"]);
    await edit(id);
    await followed.look();
    assert.deepEqual(await found("tallow"), []);
    assert.deepEqual(await found("back in a box"), ["returns"]);
  });
});

/** What stays of a text, or why nothing does. */
function rendered(text: string, isHtml = false): string {
  const result = renderComment({ text, isHtml });
  return result.kind === "text" ? result.text : `(${result.reason})`;
}

describe("the words of a macro", () => {
  test("what cannot be taken out without changing what is said leaves the macro out, by name", () => {
    const reasons: Readonly<Record<string, string>> = {
      "The parcel is on its way to {{ticket.requester.name}} since today.":
        "(the placeholder ticket.requester.name)",
      "Your ticket is {{ticket.status}} now, and nothing is left to do.":
        "(the placeholder ticket.status)",
      "Please note: {{dc.return_terms}} This holds for all goods.":
        "(the placeholder dc.return_terms)",
      "{{dc.return_terms}}": "(the placeholder dc.return_terms)",
      "Your order {{ticket.ticket_field_360}} has left our house today.":
        "(the placeholder ticket.ticket_field_360)",
      "{% if ticket.priority == 'high' %}We hurry a lot for you.{% endif %}":
        "(conditions inside the text)",
      "An unclosed {{ stays what it is, which nobody can read.":
        "(the placeholder stays what it is, which nobody can read.)",
      "Sorry for the wait. Your Voucher code is SORRY-20, for the next order.":
        "(a code for one customer)",
      "Hi {{ticket.requester.first_name}},\n\nthank you!\n\n{{current_user.name}}":
        "(a text of a few words)",
    };
    for (const [text, reason] of Object.entries(reasons)) assert.equal(rendered(text), reason);
  });

  test("formatted words become plain ones, with the addresses of links and without invisible text", () => {
    assert.equal(
      rendered(
        '<p>Hi {{ticket.requester.first_name}},</p><p>see <a href="https://ourshop.test/help/care">our advice</a> for:</p><ul><li>oiled wood</li><li>raw &amp; waxed wood</li></ul><p style="display:none">{{ticket.id}} secret</p><p>Best,<br>{{current_user.name}}</p>',
        true,
      ),
      "See our advice (https://ourshop.test/help/care) for:\n\n- oiled wood\n- raw & waxed wood",
    );
  });
});
