/** What teammates write by mail themselves: from the inbox's own account, and from their own address. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Channel, Hint } from "#core/contracts/channel.ts";
import { benchForTests, deliveryOf, resolved } from "#test/email/bench.ts";
import { ANN } from "#test/email/outbound/sending-bench.ts";
import { signed, written, type Written } from "#test/email/mails.ts";

const SUPPORT = "support@ourshop.test";
const world = benchForTests();

function hintsOf(mail: Written | Buffer, channel: Channel, folder = "inbox"): readonly Hint[] {
  const body = Buffer.isBuffer(mail) ? mail : written(mail);
  return channel.receive({ ...deliveryOf(body), headers: { "x-folder": folder } });
}

test("a teammate's answer to the Reply-To of a mail finds it, and whoever that is does not by writing", () => {
  const form = {
    from: "form@partner.test",
    headers: [["Reply-To", "Ann <ann@customer.test>"]] as const,
    messageId: "<form1@partner.test>",
  };
  const { channel } = world;
  const [asked] = hintsOf({ ...form, headers: [...form.headers] }, channel);
  const following = { headers: [["In-Reply-To", form.messageId] as [string, string]] };
  const fromSent = hintsOf({ from: SUPPORT, to: ANN, ...following }, channel, "sent");
  const [byAnn] = hintsOf({ from: ANN, ...following }, channel);
  const shared = (hint: Hint | undefined) =>
    hint?.conversationKeys.filter((key) => asked?.conversationKeys.includes(key)) ?? [];
  assert.deepEqual([shared(fromSent[0]).length, shared(byAnn)], [1, []]);
});

test("a teammate who answers from their own address, an inbox in copy, answered: if a signature says it is theirs", async () => {
  const channel = world.again({ isTeammate: (address) => address.endsWith("@elsewhere.test") });
  const [asked] = hintsOf({ messageId: "<q7@customer.test>" }, channel);
  const mail = (more: Partial<Written> = {}): Buffer =>
    written({
      from: "Sam <sam@elsewhere.test>",
      to: ANN,
      messageId: `<${Math.random()}@elsewhere.test>`,
      text: "It is on its way.",
      headers: [
        ["Cc", SUPPORT],
        ["In-Reply-To", "<q7@customer.test>"],
      ],
      ...more,
    });
  const [copy, ...others] = hintsOf(mail(), channel);
  assert.deepEqual([copy?.opens, copy?.kind, others.length], [false, "signal", 0]);
  assert.ok(copy?.conversationKeys.some((key) => asked?.conversationKeys.includes(key)));

  const [answer] = (await resolved(channel, await signed(mail(), "elsewhere.test"))).messages;
  assert.deepEqual([answer?.author.kind, answer?.visibility], ["teammate", "public"]);
  assert.match(answer?.text ?? "", /on its way/);
  const [forged] = (await resolved(channel, mail())).messages;
  assert.deepEqual([forged?.author.kind, forged?.visibility], ["system", "internal"]);
  assert.match(forged?.text ?? "", /address of a teammate, sam@elsewhere\.test/);
  assert.doesNotMatch(forged?.text ?? "", /on its way/);

  // Who asks us, or answers another teammate, asks as anybody does.
  for (const more of [{ to: SUPPORT }, { to: "kim@elsewhere.test" }, { headers: [] }])
    assert.equal(hintsOf(mail(more), channel)[0]?.opens, undefined, JSON.stringify(more));
  assert.equal(hintsOf(mail({ from: "bob@customer.test" }), channel)[0]?.opens, undefined);
});
