/** Zendesk reads a comment's `body` as Markdown; what a person approved has to be what the customer and the team read. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { z } from "zod";
import { benchForTests, onTicket, openingTicket, signal } from "#test/zendesk/bench.ts";

/** The ten signs of Markdown, and what else a comment's HTML could change. */
const SIGNS: readonly (readonly [sign: string, text: string])[] = [
  ["asterisks", "Choose *one* size, **not** two: 2 * 3 * 4 cm."],
  ["underscores", "The file is called _new_ or my_new_file."],
  ["double underscores", "Write __init__ in the field."],
  ["a number sign", "#789 has left.\n# and this one too"],
  ["a numbered line", "3. Open the lid.\n1. Press."],
  ["a quotation sign", "> Where is it?\nIt is here."],
  ["backticks", "Type `reset` or ```reset```."],
  [
    "a link",
    "Read [our terms](https://shop.test/terms) and ![a picture](https://shop.test/x.png).",
  ],
  ["a line of dashes", "Before\n---\nAfter\n***"],
  ["leading spaces", "Your items:\n    2 lamps\n      1 bulb  and   more"],
  ["a list", "- one\n+ two\n* three"],
  ["markup", '<b>bold</b> & &amp; <a href="https://evil.test">"quoted"</a> <script>x</script>'],
  ["blank lines", "One\n\n\nTwo\n\nThree"],
  ["tabs", "Lamp\t2\n\tShelf\t\t1"],
  ["line ends of other systems", "One\rTwo\r\n\r\nThree"],
];

/** The same to a reader: a tab is four spaces, and there is one kind of line end. */
function asShown(text: string): string {
  return text.replaceAll("\t", "    ").replaceAll(/\r\n?/gu, "\n");
}

const Written = z.looseObject({ html_body: z.string(), plain_body: z.string() });

const bench = benchForTests();

/** What is read of our last comment; no-break spaces are spaces to a reader. */
async function lastRead(ticketId: number): Promise<{ plain: string; html: string }> {
  const last = Written.parse((await bench.comments(ticketId)).at(-1));
  return { plain: last.plain_body.replaceAll("\u00A0", " "), html: last.html_body };
}

describe("an approved text", () => {
  for (const [sign, text] of SIGNS)
    test(`with ${sign} is read as it was approved, in a reply and in a note`, async () => {
      const ticketId = await bench.ask("Where is it?");
      await bench.channel.commit(await bench.replyTo(ticketId, text), `r:${sign}`, signal);
      const reply = await lastRead(ticketId);
      assert.equal(reply.plain, asShown(text));
      await bench.channel.commit(onTicket("note", ticketId, { text }), `n:${sign}`, signal);
      const note = await lastRead(ticketId);
      assert.equal(note.plain, asShown(text));
      // Nothing of it became an element: line ends are the only ones.
      for (const { html } of [reply, note])
        assert.doesNotMatch(html, /<(?!\/?div|br>)/u, "no element but ours");
    });

  test("of ten signs of Markdown, all are read back as approved, and none where Zendesk reads a body", async (context) => {
    const ticketId = await bench.ask("Where is it?");
    const isRead = { now: 0, asBody: 0 };
    for (const [sign, text] of SIGNS.slice(0, 10)) {
      await bench.channel.commit(await bench.replyTo(ticketId, text), `ten:${sign}`, signal);
      const { plain, html } = await lastRead(ticketId);
      if (plain === text && !/<(?!\/?div|br>)/u.test(html)) isRead.now += 1;
      const ticket = { comment: { body: text, public: false } };
      await bench.as("dana", "PUT", `/tickets/${ticketId}`, { ticket });
      const rendered = await lastRead(ticketId);
      if (rendered.plain === text && !/<(?!\/?(?:div|p)\b|br>)/u.test(rendered.html))
        isRead.asBody += 1;
    }
    context.diagnostic(
      `read back as approved: ${isRead.now} of 10; sent as a body: ${isRead.asBody} of 10`,
    );
    assert.deepEqual(isRead, { now: 10, asBody: 0 });
  });

  test("of a customer, quoted in a new ticket for the team, makes no link and loads no picture", async () => {
    const firstMessage = "[refund](https://evil.test)\n![x](https://evil.test/x.png)";
    const summary = "Reason:\n- nobody could answer\n- **urgent**";
    const { ref } = await bench.channel.commit(
      openingTicket({ summary, firstMessage }),
      "t:1",
      signal,
    );
    const quoted = firstMessage.replaceAll(/^/gm, "> ");
    const { plain, html } = await lastRead(Number(ref));
    assert.equal(plain, `${summary}\n\nWhat the customer wrote:\n\n${quoted}`);
    assert.doesNotMatch(html, /<(?:a|img|ul|blockquote)\b/u);
  });

  test("is measured as the HTML it becomes: what is too long so goes on in a file, whole", async () => {
    const text = `${"<".repeat(20_000)}${'"a" & b\n'.repeat(3_000)}`.trim();
    const ticketId = await bench.ask("Where is it?");
    await bench.channel.commit(await bench.replyTo(ticketId, text), "r:long", signal);
    const [answer] = await bench.ours(ticketId);
    assert.ok(Buffer.byteLength(String(answer?.["html_body"])) <= 65_535);
    const [file] = z
      .array(z.looseObject({ content_url: z.string() }))
      .parse(answer?.["attachments"]);
    const rest = await (await fetch(file?.content_url ?? "")).text();
    assert.equal((answer?.body ?? "").replace("\n\n[… answer.txt]", "") + rest, text);
  });

  test("for the team is cut to the HTML's limit, saying so", async () => {
    const ticketId = await bench.ask("Where is it?");
    const text = "&".repeat(30_000);
    await bench.channel.commit(onTicket("note", ticketId, { text }), "n:long", signal);
    const { plain } = await lastRead(ticketId);
    const [, kept = "", cut = ""] = /^(&+)\n\n\[(\d+) more bytes were cut\]$/u.exec(plain) ?? [];
    assert.equal(kept.length + Number(cut), text.length);
    assert.ok(kept.length > 12_000);
  });
});
