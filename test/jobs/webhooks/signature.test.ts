/** Signatures of outgoing webhooks: the specification's own vector, and a receiver during a rotation. */
import assert from "node:assert/strict";
import { createHmac, timingSafeEqual } from "node:crypto";
import { describe, test } from "node:test";
import { signedHeaders } from "#jobs/webhooks/send.ts";
import { newWebhookSecret } from "#store/webhooks/webhooks.ts";

/** As a receiver verifies it by the specification: any signature of version 1, within five minutes. */
function isVerified(
  headers: Readonly<Record<string, string>>,
  body: string,
  { secret, now }: { readonly secret: string; readonly now: Date },
): boolean {
  const { "webhook-id": id, "webhook-timestamp": timestamp = "" } = headers;
  if (Math.abs(now.getTime() / 1_000 - Number(timestamp)) > 300) return false;
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const expected = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest();
  return (headers["webhook-signature"] ?? "").split(" ").some((one) => {
    const [version, signature = ""] = one.split(",");
    const given = Buffer.from(signature, "base64");
    return version === "v1" && given.length === 32 && timingSafeEqual(given, expected);
  });
}

const NOW = new Date("2026-11-20T10:00:00.900Z");
const BODY = '{"type":"card.made"}';

describe("the signature of a delivery", () => {
  test("is the one that Standard Webhooks publishes for its example", () => {
    const headers = signedHeaders(
      {
        id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
        sentAt: new Date(1_614_265_330_000),
        body: '{"test": 2432232314}',
      },
      ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
    );
    assert.deepEqual(headers, {
      "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
      "webhook-timestamp": "1614265330",
      "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    });
  });

  test("is verified by the new secret and the old one during a rotation, and by no other", () => {
    const [present, before, other] = [newWebhookSecret(), newWebhookSecret(), newWebhookSecret()];
    const headers = signedHeaders({ id: "msg_1", sentAt: NOW, body: BODY }, [present, before]);
    assert.equal(isVerified(headers, BODY, { secret: present, now: NOW }), true);
    assert.equal(isVerified(headers, BODY, { secret: before, now: NOW }), true);
    assert.equal(isVerified(headers, BODY, { secret: other, now: NOW }), false);
  });

  test("covers the id, the time and every byte of the body", () => {
    const secret = newWebhookSecret();
    const headers = signedHeaders({ id: "msg_1", sentAt: NOW, body: BODY }, [secret]);
    const later = new Date(NOW.getTime() + 301_000);
    for (const [changed, body, now] of [
      [{ ...headers, "webhook-id": "msg_2" }, BODY, NOW],
      [{ ...headers, "webhook-timestamp": "1763632801" }, BODY, NOW],
      [headers, `${BODY} `, NOW],
      [headers, BODY, later],
    ] as const)
      assert.equal(isVerified(changed, body, { secret, now }), false);
  });

  test("is made with 32 bytes that no two secrets share", () => {
    const secrets = Array.from({ length: 50 }, newWebhookSecret);
    assert.equal(new Set(secrets).size, 50);
    for (const secret of secrets)
      assert.equal(Buffer.from(secret.replace("whsec_", ""), "base64").length, 32);
  });
});
