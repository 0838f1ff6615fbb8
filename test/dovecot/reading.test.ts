/** Reading mails from a real server: one that cannot be taken in, and one that is too large. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { signed, written, type Written } from "#test/email/mails.ts";
import { PATIENCE_MS } from "#test/support/waiting.ts";
import { fates, inMailroom } from "./mailroom.ts";

/** A mail of several parts, each with its own header lines. */
function parts(subtype: string, ...bodies: readonly string[]): Written {
  return {
    headers: [["Content-Type", `multipart/${subtype}; boundary="b"`]],
    text: `${bodies.map((body) => `--b\n${body}\n`).join("")}--b--`,
  };
}

inMailroom("what mails say", (room) => {
  let count = 0;
  const mail = (more: Written): Promise<Buffer> =>
    signed(written({ messageId: `<reading-${(count += 1)}@customer.test>`, ...more }));
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
