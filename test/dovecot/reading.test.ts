/** Reading mails from a real server: broken ones, files, hidden text, charsets, forwards. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Message } from "#core/values/message.ts";
import { signed, written, type Written } from "#test/email/mails.ts";
import { PATIENCE_MS } from "#test/support/waiting.ts";
import { fates, inMailroom, type Inboxes } from "./mailroom.ts";

/** A mail of several parts, each with its own header lines. */
function parts(subtype: string, ...bodies: readonly string[]): Written {
  return {
    headers: [["Content-Type", `multipart/${subtype}; boundary="b"`]],
    text: `${bodies.map((body) => `--b\n${body}\n`).join("")}--b--`,
  };
}

function html(body: string): Written {
  return { text: body, headers: [["Content-Type", "text/html; charset=utf-8"]] };
}

inMailroom("what mails say", (room) => {
  let count = 0;
  const mail = (more: Written): Promise<Buffer> =>
    signed(written({ messageId: `<reading-${(count += 1)}@customer.test>`, ...more }));
  /** Delivers a mail, and gives what the agent was given for it. */
  const given = async (inboxes: Inboxes, raw: Buffer): Promise<Message> => {
    const before = room.turns.length;
    await inboxes.deliver(raw);
    await inboxes.settle();
    assert.equal(room.turns.length, before + 1);
    const message = room.turns.at(-1)?.unread.at(-1);
    assert.ok(message);
    return message;
  };
  const segment = ({ segments }: Message, kind: Message["segments"][number]["kind"]): string =>
    segments.flatMap((one) => (one.kind === kind ? [one.text] : [])).join("\n");

  test("E01 broken mails between good ones: the good ones are answered, every other one is for people", async () => {
    const inboxes = await room.open(["e01"]);
    const broken: readonly Written[] = [
      {
        headers: [["Content-Type", "multipart/mixed"]],
        text: "--somewhere\n\nNo boundary is named.\n",
      },
      {
        headers: [["Content-Type", 'multipart/mixed; boundary="b"']],
        text: "--b\nContent-Type: text/plain\n\nIt ends in the mid",
      },
      {
        headers: Array.from({ length: 100_000 }, (_, at) => [`X-Many-${at}`, "1"] as const),
        text: "Many headers.",
      },
      html(`${"<div>".repeat(20_000)}Many boxes.${"</div>".repeat(20_000)}`),
    ];
    await inboxes.deliver(await mail({ text: "The first good one." }));
    for (const [index, one] of broken.entries())
      await inboxes.deliver(written({ messageId: `<broken-${index}@customer.test>`, ...one }));
    await inboxes.deliver(await mail({ text: "The last good one." }));
    await inboxes.settle();
    assert.equal(inboxes.deliveries.length, 6);
    const all = await fates(room);
    assert.equal(all.length, 6, "each is there");
    assert.equal(all.at(0)?.outcome, "answered");
    assert.equal(all.at(-1)?.outcome, "answered");
    for (const { outcome, error } of all)
      assert.ok(
        outcome === "answered" || outcome === "escalated" || error !== null,
        JSON.stringify({ outcome, error }),
      );
    const texts = room.turns.flatMap(({ unread }) => unread.map(({ text }) => text));
    assert.ok(texts.includes("The first good one.") && texts.includes("The last good one."));
  });

  test("E01 a mail of two thousand parts inside each other is there as well, and holds up no other mail", async () => {
    const inboxes = await room.open(["e01-deep"]);
    const open = Array.from(
      { length: 2_000 },
      (_, at) => `--n${at}\nContent-Type: multipart/mixed; boundary=n${at + 1}\n\n`,
    );
    const deep = written({
      messageId: "<deep@customer.test>",
      headers: [["Content-Type", "multipart/mixed; boundary=n0"]],
      text: `${open.join("")}--n2000\n\nDeep down.\n`,
    });
    await inboxes.deliver(deep);
    await inboxes.deliver(await mail({ text: "A good one behind it." }));
    await inboxes.settle();
    const [first, second] = await fates(room);
    assert.ok(first?.outcome === "answered" || first?.outcome === "escalated" || first?.error);
    assert.equal(second?.outcome, "answered");
    assert.equal(room.turns.at(-1)?.unread[0]?.text, "A good one behind it.");
  });

  test("E01 a mail that cannot be taken in is tried three times, and the next one is not held up", async () => {
    const inboxes = await room.prepare(["e01-poison"]);
    const poison = await mail({ text: "Poison." });
    await inboxes.start((body) => {
      if (body.includes("Poison.")) throw new Error("nothing can take this in");
    });
    await inboxes.deliver(poison);
    await inboxes.deliver(await mail({ text: "Behind it." }));
    await inboxes.settle();
    assert.deepEqual(
      room.turns.map(({ unread }) => unread[0]?.text),
      ["Behind it."],
    );
    assert.equal(
      inboxes.log.lines.filter((line) => line.startsWith("mail could not be taken in, going on"))
        .length,
      3,
    );
    assert.equal(
      inboxes.log.lines.filter((line) => /could not be taken in and stays/.test(line)).length,
      1,
    );
    const [address = ""] = inboxes.addresses;
    assert.match(String((await room.server.mails(address))[0]?.raw), /Poison\./);
    const errors = (await fates(room)).map(({ error }) => error ?? "");
    assert.ok(
      errors.some((error) => error.includes(`it is still in ${address}`)),
      "people hear where it is",
    );
  });

  test("E05 hidden text is kept apart from what the customer said", async () => {
    const inboxes = await room.open(["e05"]);
    const hidden = [
      '<div style="display:none">HIDDEN ONE</div>',
      '<span style="font-size:0">HIDDEN TWO</span>',
      '<p style="color:#fff;background-color:#ffffff">HIDDEN THREE</p>',
      "<div hidden>HIDDEN FOUR</div>",
      '<div style="max-height:0;overflow:hidden">HIDDEN FIVE</div>',
    ];
    const message = await given(
      inboxes,
      await mail(html(`<p>Where is order 456?</p>${hidden.join("")}<p>Thank you</p>`)),
    );
    assert.equal(message.text, "Where is order 456?\n\nThank you");
    for (const word of ["ONE", "TWO", "THREE", "FOUR", "FIVE"])
      assert.match(segment(message, "hidden"), new RegExp(`HIDDEN ${word}`));
  });

  test("E08 of a forwarded mail the outer sender is the customer, and the inner text is a forward", async () => {
    const inboxes = await room.open(["e08"]);
    const inner = "From: Bob <bob@elsewhere.test>\nSubject: The lamp\n\nMy own order is 1001.";
    const message = await given(
      inboxes,
      await mail(
        parts(
          "mixed",
          "Content-Type: text/plain\n\nFor your information.",
          `Content-Type: message/rfc822\n\n${inner}`,
        ),
      ),
    );
    assert.equal(message.author.id, "email:ann@customer.test");
    assert.deepEqual(message.identity.handle, { kind: "email", email: "ann@customer.test" });
    assert.equal(message.text, "For your information.");
    assert.match(segment(message, "forwarded"), /The lamp[^]*My own order is 1001/);
    assert.equal(room.smtp.envelopes[0]?.to.join(), "ann@customer.test");
  });

  test("E04 of a mail of thirty megabytes only the text is fetched, as unverified, and a person looks first", async () => {
    const inboxes = await room.prepare(["e04"], { startAt: "all" });
    const [address = ""] = inboxes.addresses;
    const photo = Buffer.alloc(22_800_000, 7).toString("base64").replace(/.{76}/g, "$&\n");
    const raw = await mail(
      parts(
        "mixed",
        "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\nGr=C3=BC=C3=9Fe, the photo shows it.",
        `Content-Type: image/jpeg; name="photo.jpg"\nContent-Disposition: attachment; filename="photo.jpg"\nContent-Transfer-Encoding: base64\n\n${photo}`,
      ),
    );
    assert.ok(raw.length > 30_800_000);
    await room.server.fill(address, [raw]);
    const before = process.memoryUsage().rss;
    const seen = { most: before };
    const watch = setInterval(
      () => (seen.most = Math.max(seen.most, process.memoryUsage().rss)),
      5,
    );
    await inboxes.start();
    await inboxes.settle();
    clearInterval(watch);
    const [message] = room.turns[0]?.unread ?? [];
    assert.equal(message?.text, "Grüße, the photo shows it.");
    assert.equal(message?.identity.level, 1);
    assert.match(message?.identity.reason ?? "", /too large/);
    const [file] = message?.attachments ?? [];
    assert.deepEqual([file?.name, file?.mediaType], ["photo.jpg", "image/jpeg"]);
    assert.ok(Math.abs((file?.bytes ?? 0) - 22_800_000) < 700_000, `${file?.bytes} bytes`);
    const limits = { bytesMax: 100_000_000, signal: AbortSignal.timeout(PATIENCE_MS) };
    const opened = await inboxes.channel.openFile(file?.ref ?? "", limits);
    assert.match(opened.state === "refused" ? opened.reason : "", /in the inbox/);
    assert.equal(room.smtp.taken.length, 0);
    const [delivery] = inboxes.deliveries;
    assert.ok((delivery?.body.length ?? 0) < 10_000);
    assert.ok(Number(delivery?.headers["x-cut-from-bytes"]) > 30_800_000);
    assert.ok(seen.most - before < 60_000_000, `${seen.most - before} bytes more`);
  });
});
