/** The policy file of a running Deskhand: two leads on two desks, a card decided again, and invalid files. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { z } from "zod";
import type { Card } from "#core/contracts/approval-desk.ts";
import { labelsOf } from "#test/support/card-buttons.ts";
import { decide } from "#test/support/decide.ts";
import { startDeskhand, type Deskhand } from "#test/support/deskhand.ts";
import { SANDBOX_POLICY } from "#test/support/real-parts.ts";
import { shownText, type SlackMessage } from "#test/support/slack.ts";
import { until } from "#test/support/waiting.ts";

const ANN = "ann@customer.test";
const SANDBOX = readFileSync(SANDBOX_POLICY, "utf8");
const usualUpTo = (amount: string): string => SANDBOX.replace("up_to: 200.00", `up_to: ${amount}`);

/** What a teammate sees and does on the console, signed in by a link from the command line. */
async function consoleOf(deskhand: Deskhand, email: string) {
  const { stdout } = await deskhand.command("console", email);
  const [link = ""] = /http\S+/.exec(stdout) ?? [];
  const { url } = deskhand.endpoints.app;
  const entered = await fetch(`${url}/console/enter`, {
    method: "POST",
    headers: { "content-type": "application/json", "sec-fetch-site": "same-origin" },
    body: JSON.stringify({ code: new URL(link).searchParams.get("code") }),
  });
  const cookie = (entered.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  async function page(path: string): Promise<string> {
    return (await fetch(`${url}${path}`, { headers: { cookie } })).text();
  }
  return {
    /** The change that waits, as its buttons name it; null when none does. */
    async waiting(): Promise<Pick<Card, "approvalId" | "version"> | null> {
      const text = await page("/console/policy");
      const [, approvalId, version] = /data-card="(\w+)"\s+data-version="(\d+)"/.exec(text) ?? [];
      return approvalId === undefined ? null : { approvalId, version: Number(version) };
    },
    history: () => page("/console/policy"),
    async press(card: Pick<Card, "approvalId" | "version">, button: string) {
      const { approvalId, version } = card;
      const answer = await fetch(`${url}/console/decide`, {
        method: "POST",
        headers: { "content-type": "application/json", "sec-fetch-site": "same-origin", cookie },
        body: JSON.stringify({ clickId: randomUUID(), approvalId, version, button, reason: "no" }),
      });
      return z.object({ accepted: z.boolean(), message: z.string() }).parse(await answer.json());
    },
  };
}

describe("the policy file of a running Deskhand", () => {
  let deskhand: Deskhand;
  let folder: string;
  let file: string;
  let environment: Record<string, string>;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "deskhand-policy-"));
    file = join(folder, "deskhand.policy.yaml");
    writeFileSync(file, SANDBOX);
    environment = { DESKHAND_POLICY: file };
    deskhand = await startDeskhand({ database: "pglite", environment });
  });
  after(async () => {
    await deskhand.destroy();
    rmSync(folder, { recursive: true, force: true });
  });

  const cardWith = (words: RegExp): Promise<SlackMessage> =>
    deskhand.card((text) => words.test(text));

  test("what is stricter holds within seconds, is posted, and a waiting card is decided again", async () => {
    await deskhand.mail(ANN, "My headphones broke, please refund order 789", { subject: "Broken" });
    const first = await cardWith(/Refund 120\.00 USD/);
    writeFileSync(file, usualUpTo("100.00"));
    await cardWith(/The policy was changed[^]*up_to: 200 → 100/);
    const fresh = await deskhand.card((text) => /0 of 2 approved/.test(text));
    assert.notEqual(fresh.ts, first.ts);
    const old = (await deskhand.cards()).find(({ ts }) => ts === first.ts);
    assert.match(shownText(old ?? first), /The policy changed: refund\.usual → refund\.large/);
    assert.deepEqual(labelsOf(old ?? first), []);
  });

  test("what permits more waits for two leads, one in Slack and one on the console", async () => {
    writeFileSync(file, usualUpTo("500.00"));
    const card = await cardWith(/would permit more[^]*0 of 2 leads agreed/);
    assert.deepEqual(labelsOf(card), ["Approve", "Reject"]);
    await until("the alert", async () =>
      (await deskhand.alerts()).some((alert) => /would permit more/.test(shownText(alert))),
    );
    await decide(deskhand, "sam", card, "Approve");
    await decide(deskhand, "lea", card, "Approve");
    await cardWith(/would permit more[^]*1 of 2 leads agreed/);
    const [lea, lee] = [
      await consoleOf(deskhand, "lea@ourshop.test"),
      await consoleOf(deskhand, "lee@ourshop.test"),
    ];
    const shown = await lea.waiting();
    assert.ok(shown);
    const again = await lea.press(shown, "approve");
    assert.deepEqual(
      [again.accepted, again.message],
      [false, "You have approved this already. It needs another teammate."],
    );
    assert.equal((await lee.press(shown, "approve")).accepted, true);
    const closed = await cardWith(/permits more[^]*In force since .*approved by .* and Lee/);
    assert.deepEqual(labelsOf(closed), []);
    assert.equal(await lee.waiting(), null);
    assert.match(await lee.history(), new RegExp(`id="${shown.approvalId}"`));
  });

  test("a file with mistakes is told once, with its line, and nothing stops", async () => {
    writeFileSync(file, usualUpTo("500.00").replace("verdict: deny", "verdict: denied"));
    const alerts = await until("the alert", async () => {
      const told = (await deskhand.alerts()).filter((alert) =>
        /deskhand\.policy\.yaml:\d+ operations\.refund\.rules\[0\]\.verdict/.test(shownText(alert)),
      );
      return told.length > 0 ? told : null;
    });
    assert.equal(alerts.length, 1);
    assert.match((await deskhand.command("status")).stdout, /Running as process/);
  });

  test("a file that permits more while nothing runs is proposed at the start, and the policy stays", async () => {
    await deskhand.stop();
    deskhand.slack.close();
    writeFileSync(file, usualUpTo("700.00"));
    const { folder: data } = deskhand;
    deskhand = await startDeskhand({ database: "pglite", folder: data, environment });
    assert.match(deskhand.output(), /would permit more, so it waits for two people/);
    await cardWith(/would permit more[^]*0 of 2 leads agreed/);
    assert.match(
      (await deskhand.command("status")).stdout,
      /The policy file would permit.* policy_\w+$/m,
    );
    const question = ["--operation", "refund", "--amount", "600", "--order-age", "12"];
    assert.match(
      (await deskhand.command("policy", "explain", ...question)).stdout,
      /refund\.large/,
    );
  });
});
