/** Mails too large to be handed around: they pass by in pieces, and are judged as if they had come at once. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { bodyDigest, MailDigest, START_BYTES, normalizeLineEnds } from "#email/mime/raw-mail.ts";
import { readHead } from "#email/mime/headers.ts";
import { EMAIL_LIMITS } from "#email/options.ts";
import type { Delivery } from "#core/contracts/channel.ts";
import { benchForTests, deliveryOf } from "#test/email/bench.ts";
import { signed, written } from "#test/email/mails.ts";
import { PATIENCE_MS, until } from "#test/support/waiting.ts";
import { runs } from "#test/support/tiers.ts";
import fc from "fast-check";

/** As it was before mails came in pieces: keys that are kept have to stay what they are. */
function wholeDigest(mail: Uint8Array): string {
  const bytes = normalizeLineEnds(mail);
  const body = Buffer.from(bytes.subarray(readHead(bytes).bodyStart)).toString("latin1");
  let end = body.length;
  while (end > 0 && "\r\n ".includes(body.charAt(end - 1))) end -= 1;
  const said = body.slice(0, end).replaceAll("\r\n", "\n");
  return createHash("sha256").update(Buffer.from(said, "latin1")).digest("hex");
}

function pieceDigest(pieces: Iterable<Uint8Array>): string {
  const digest = new MailDigest();
  for (const piece of pieces) digest.feed(piece);
  return digest.end();
}

function* cut(mail: Uint8Array, sizes: readonly number[]): Generator<Uint8Array> {
  for (let at = 0, index = 0; at < mail.length; index += 1) {
    const size = sizes[index % sizes.length] ?? 1;
    yield mail.subarray(at, at + size);
    at += size;
  }
}

const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });
const mails = fc
  .array(fc.constantFrom("\r", "\n", "\r\n", "\r\r\n", " ", "a", "A: b", "\u00ef\u00bb\u00bf"))
  .map((tokens) => Buffer.from(tokens.join(""), "latin1"));

test("what a mail says has one digest, however it comes and however its lines end", () => {
  fc.assert(
    fc.property(mails, sizes, (mail, cuts) => {
      assert.equal(pieceDigest(cut(mail, cuts)), wholeDigest(mail));
      const bytes = normalizeLineEnds(mail);
      assert.equal(bodyDigest(bytes.subarray(readHead(bytes).bodyStart)), wholeDigest(mail));
    }),
    { numRuns: runs(2_000) },
  );
});

test("a mail beyond what is looked at first has the same digest, with any line ends and many blanks", () => {
  const filler = "0123456789 \r\n".repeat(START_BYTES / 12);
  for (const text of [
    `A: b\r\n\r\n${filler}end \r\n`,
    `A: b\r\n\r\n${filler}${" \r\n".repeat(60_000)}x${" \r\n".repeat(60_000)}`,
    `A: b\r\n\r\n${filler}end`.replaceAll("\r\n", "\r"),
    `A: b\r\n\r\n${filler}end`.replaceAll("\r\n", "\r\r\n"),
    `A: ${"long ".repeat(START_BYTES / 4)}\r\n\r\nwords`,
  ]) {
    const mail = Buffer.from(text, "latin1");
    const expected = wholeDigest(mail);
    // The last size cuts the empty line below the long header in two.
    for (const size of [100_003, 65_536, 655_363])
      assert.equal(pieceDigest(cut(mail, [size])), expected);
  }
});

const FILE = Buffer.from("0123456789abcde\n".repeat(75_000));

const bench = benchForTests({
  startAt: "all",
  limits: { ...EMAIL_LIMITS, mailBytesMax: 3 * 1024 * 1024, pollMs: 20 },
});

async function mailWithFile(encoding: "base64" | "8bit"): Promise<Buffer> {
  const base64 = FILE.toString("base64").replace(/.{76}/g, "$&\r\n");
  const text = [
    "--b",
    "Content-Type: text/plain; charset=utf-8",
    "",
    "My lamp is broken.",
    "--b",
    'Content-Type: application/octet-stream; name="lamp.bin"',
    `Content-Transfer-Encoding: ${encoding}`,
    "",
    encoding === "base64" ? base64 : FILE.toString(),
    "--b--",
  ].join("\r\n");
  return signed(written({ text, headers: [["Content-Type", 'multipart/mixed; boundary="b"']] }));
}

test("a large mail goes to the store as it comes, and is known, verified and opened as a small one", async () => {
  const { sandbox, channel, blobs } = bench;
  const raw = await mailWithFile("base64");
  const deliveries: Delivery[] = [];
  await channel.start(async (delivery) => void deliveries.push(delivery));
  sandbox.deliver(raw);
  await until("the mail", async () => deliveries.length === 1);
  await channel.stop();
  const [delivery] = deliveries;
  const ref = delivery?.kept;
  assert.ok(delivery !== undefined && ref !== undefined);
  assert.ok(delivery.body.length <= START_BYTES && raw.length > 1.5 * START_BYTES);
  assert.deepEqual(Buffer.from(await blobs.get(ref)), raw);

  const [hint] = channel.receive(delivery);
  const [atOnce] = channel.receive(deliveryOf(raw));
  assert.ok(hint !== undefined);
  assert.equal(hint.eventId, atOnce?.eventId, "the same mail, whichever way it came");

  const signal = AbortSignal.timeout(PATIENCE_MS);
  const body = { ref, open: () => blobs.open(ref) };
  const { messages } = await channel.resolve(hint, {
    body,
    receivedAt: new Date(),
    proofs: new Map(),
    signal,
  });
  const [message] = messages;
  assert.deepEqual([message?.text, message?.identity.level], ["My lamp is broken.", 2]);
  const [file] = message?.attachments ?? [];
  assert.deepEqual([file?.name, file?.bytes], ["lamp.bin", FILE.length]);
  const opened = await channel.openFile(file?.ref ?? "", { bytesMax: FILE.length, signal });
  assert.ok(opened.state === "open");
  assert.deepEqual(Buffer.from(opened.bytes), FILE);
  const tooLarge = await channel.openFile(file?.ref ?? "", { bytesMax: FILE.length - 1, signal });
  assert.ok(tooLarge.state === "refused");
  assert.match(tooLarge.reason, /^it is larger than/);
});

test("a file of a mail that is not kept any more is refused, and so is what names no file", async () => {
  const { channel, blobs } = bench;
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const ref = await blobs.putStream(oneOf(await mailWithFile("8bit")), { bytesMax: 1e9 });
  const limits = { bytesMax: 1e9, signal };
  assert.equal((await channel.openFile(`${ref}:3`, limits)).state, "open");
  assert.equal((await channel.openFile(`${ref}:9`, limits)).state, "refused");
  await blobs.remove(ref);
  for (const gone of [`${ref}:3`, "../../etc/passwd:1", ""])
    assert.equal((await channel.openFile(gone, limits)).state, "refused");
});

async function* oneOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
