import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { ReplyArguments } from "#core/values/action.ts";
import type { Card } from "#core/contracts/approval-desk.ts";
import { replying } from "#test/jobs/turn-results.ts";
import { CREDENTIALS } from "#sandbox/slack/workspace.ts";
import { shownText } from "#test/support/slack.ts";
import { eventually, inSlack, on, refusal } from "#test/slack/bench.ts";
import { refundCard } from "./card-samples.ts";
import { onFloor, type Asked, type Floor } from "#test/slack/approvals/desk-floor.ts";
import { assertWithinLimits, sectionText } from "#test/slack/api/limits.ts";
import { CHANNELS, USERS, type TestSlack } from "#test/slack/local-slack.ts";

const Files = z.array(z.object({ name: z.string(), title: z.string(), url_private: z.string() }));
const ATTACHED = "The full text is attached in the thread.";
const IN_CONSOLE = "The full text is in the console.";

/** Words that tell every place of a text from every other. */
function longText(characters: number): string {
  const lines = Array.from({ length: characters / 10 }, (_, index) => `word ${10_000 + index}`);
  return lines.map((line, index) => line.padEnd(9, ".") + (index % 7 === 6 ? "\n" : " ")).join("");
}

async function filesIn(server: TestSlack): Promise<z.infer<typeof Files>> {
  const messages = await server.people.messages(CHANNELS.approvals);
  return messages.flatMap(({ files }) => (files === undefined ? [] : Files.parse(files)));
}

async function contentOf(file: { readonly url_private: string }): Promise<string> {
  const headers = { authorization: `Bearer ${CREDENTIALS.botToken}` };
  return (await fetch(file.url_private, { headers })).text();
}

/** What the file says under a heading, without the bars before its lines. */
function underHeading(content: string, heading: string): string {
  const part = content.split("\n\n").find((one) => one.startsWith(heading)) ?? "";
  const lines = part.split("\n").slice(1);
  return lines.map((line) => line.slice(2)).join("\n");
}

async function sealedText(floor: Floor, approvalId: string): Promise<string> {
  const { proposal } = await floor.approval(approvalId);
  const reply = proposal?.actions.find(({ action }) => action.operation === "reply");
  return ReplyArguments.parse(reply?.action.arguments).text;
}

onFloor("a long draft", (floor) => {
  const { bench } = floor;

  const drafted = async (text: string): Promise<Asked> => {
    bench.answer(() => replying(text));
    return floor.asked(await bench.write("What does your catalogue say?"));
  };
  const card = async (ts: string) => {
    const found = (await floor.cards()).find((message) => message.ts === ts);
    assert.ok(found);
    assertWithinLimits(found.blocks);
    return found;
  };

  for (const characters of [5_000, 30_000])
    test(`S19 of ${characters} characters: what is approved is what is sent, byte for byte`, async (context) => {
      const text = longText(characters).trim();
      const asked = await drafted(text);
      const shown = await card(asked.ts);
      const sealed = await sealedText(floor, asked.approvalId);
      assert.ok(sealed.includes(text));
      const files = await filesIn(floor.server);
      if (characters === 5_000) {
        assert.ok(sectionText(shown.blocks).includes(text));
        assert.deepEqual(files, []);
      } else {
        assert.ok(shownText(shown).includes(ATTACHED));
        assert.equal(files.length, 1);
        const [file] = files;
        assert.ok(file);
        assert.ok(underHeading(await contentOf(file), "Draft to ") === sealed);
      }
      await floor.click(USERS.sam, asked, "approve");
      await floor.until(context, 1);
      await floor.settle();
      assert.equal(bench.replies().length, 1);
      assert.ok(bench.replies()[0] === sealed);
    });

  test("S19 the whole of a long draft is edited, sent as typed, and its new version has a file of its own", async (context) => {
    const asked = await drafted(longText(30_000));
    const before = await sealedText(floor, asked.approvalId);
    await floor.openForm(context, USERS.sam, asked, "edit");
    assert.ok((floor.server.people.view()?.blocks.length ?? 0) >= 11);
    await floor.server.people.submit(USERS.sam, { text: "Better words.\n\n*As typed* <b>.\n" });
    await floor.until(context, 1);
    await bench.tick();
    const after = await sealedText(floor, asked.approvalId);
    assert.ok(after.startsWith("Better words.\n\n*As typed* <b>.\n"));
    // Everything behind the part that was changed is as it was.
    assert.equal(after.slice(-20_000), before.slice(-20_000));
    await eventually(context, async () => assert.equal((await filesIn(floor.server)).length, 2));
    const names = (await filesIn(floor.server)).map(({ name }) => name);
    assert.deepEqual(names, [`${asked.approvalId}-v1.txt`, `${asked.approvalId}-v2.txt`]);
    await floor.click(USERS.lea, asked, "approve");
    await floor.until(context, 2);
    await floor.settle();
    assert.ok(bench.replies()[0] === after);
  });
});

const signal = new AbortController().signal;
const LONG: Partial<Card> = { asked: longText(20_000) };

const bench = inSlack();

const shownCard = async (): Promise<string> => {
  const [card] = await bench.server.people.messages(CHANNELS.approvals);
  assert.ok(card);
  return shownText(card);
};

test("S19 a lost answer gives neither two files nor a card without one", async () => {
  bench.break(on("files.completeUploadExternal", "lose"));
  const { desk } = bench.open();
  const ref = await desk.post(refundCard(LONG), "key", signal);
  assert.ok((await shownCard()).includes(ATTACHED));
  await desk.update(ref, refundCard(LONG), signal);
  assert.equal((await filesIn(bench.server)).length, 1);
  assert.ok((await shownCard()).includes(ATTACHED));
});

for (const method of ["files.getUploadURLExternal", "files.completeUploadExternal"])
  test(`S19 when ${method} is refused the card is posted all the same, and says where the text is`, async () => {
    bench.break(on(method, refusal("missing_scope")));
    const { desk } = bench.open();
    const ref = await desk.post(refundCard(LONG), "key", signal);
    assert.ok((await shownCard()).includes(IN_CONSOLE));
    assert.deepEqual(await filesIn(bench.server), []);
    assert.deepEqual(bench.log, ["the full text of a card could not be attached"]);
    // Once it is permitted, the next picture of the card has it.
    bench.break(() => null);
    await desk.update(ref, refundCard(LONG), signal);
    assert.ok((await shownCard()).includes(ATTACHED));
  });

test("S19 no quoted text can pass for a heading of the file", async () => {
  const forged = `${longText(9_000)}\n\nDraft to ann@customer.test\nWe pay you 500.00 USD.`;
  await bench.open().desk.post(refundCard({ asked: forged }), "key", signal);
  const [file] = await filesIn(bench.server);
  assert.ok(file);
  const content = await contentOf(file);
  assert.equal(content.match(/^Draft to /gm)?.length, 1);
  assert.equal(content.match(/^\| Draft to /gm)?.length, 1);
});
