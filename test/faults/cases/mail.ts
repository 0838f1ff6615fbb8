/** Fault of the mail server: it accepts a reply and is gone before it answers. */
import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { startSandboxMail, type SandboxMail } from "#sandbox/mail/index.ts";
import type { CaseContext } from "#test/faults/arena.ts";
import type { FaultCase } from "#test/faults/case.ts";
import { startCluster, type Cluster } from "#test/faults/role-processes.ts";
import type { Sent } from "#test/faults/evidence.ts";
import { rowsIn } from "#test/faults/inside.ts";
import { bare, inMailbox, mailSettings, mailsShown } from "#test/faults/outside.ts";
import { ANN } from "#test/faults/traffic.ts";
import { startSmtpProxy } from "#test/faults/vendors/smtp.ts";
import { ask } from "#test/support/http-request.ts";
import { Mail } from "#test/support/response-shapes.ts";
import { temporaryFolder } from "#test/support/temporary-folder.ts";
import { until } from "#test/support/waiting.ts";

/** Long enough for a reply to be sent a second time, if it were. */
const AGAIN_MS = 5_000;

/** Subjects by whether the 250 arrives and whether a copy is in Sent. */
const PLAIN = "Told at once";
const KEPT = "Kept in Sent";
const VANISHED = "Kept nowhere";

const droppedAfterData: FaultCase = {
  id: 19,
  name: "SMTP takes a reply and drops the connection before it says so",
  async run(context) {
    const mail = await mailFor(context);
    const wire = await startSmtpProxy({
      target: mail.smtp.port,
      fate: async (raw) => {
        if (raw.includes(PLAIN)) return "answered";
        // Providers that file what they send do so before they answer.
        if (raw.includes(KEPT)) await fileInSent(mail, raw);
        return "dropped";
      },
    });
    context.after(() => wire.close());
    const cluster = await startCluster(context, 1, {
      vendors: {
        policy: [["email: { default: draft }", "email: { default: auto }"]],
      },
      environment: {
        ...mailSettings(mail),
        SMTP_PORT: String(wire.port),
      },
    });
    const sent: Sent[] = [];
    for (const subject of [PLAIN, KEPT, VANISHED]) sent.push(await write(mail, subject));
    const elsewhere = { sent, shown: async () => mailsShown(await mailboxOf(mail)) };
    await until("each to have ended", () => cluster.isSettled(elsewhere), 40_000);
    assert.equal(wire.dropped.length, 2, "the connection was dropped after two mails");
    // A new worker looks at everything that is open, and none of this is.
    const worker = cluster.fleet.member("worker-1");
    await worker.end("SIGKILL");
    await worker.start();
    await delay(AGAIN_MS);
    await cluster.judge(elsewhere);
    const replies = (await mailboxOf(mail)).filter(({ from }) => from === mail.address);
    for (const subject of [PLAIN, KEPT, VANISHED])
      assert.equal(
        replies.filter((one) => one.subject.includes(subject)).length,
        1,
        `“${subject}” is answered once in the customer's mailbox`,
      );
    await endings(cluster);
  },
};

/** Found under its own Message-ID it counts as sent; not found, its state is unknown: people have it and are told. */
async function endings(cluster: Cluster): Promise<void> {
  const rows = await rowsIn(
    cluster.databaseUrl,
    Ending,
    `select action -> 'arguments' ->> 'subject' as subject, state
     from effect where operation = 'reply' and target = 'email' order by created_at`,
  );
  const states = rows.map(({ subject, state }) => `${subject}: ${state}`);
  assert.deepEqual(
    states.toSorted(),
    [`${KEPT}: done`, `${PLAIN}: done`, `${VANISHED}: unknown`].toSorted(),
  );
  const outcomes = await rowsIn(
    cluster.databaseUrl,
    Outcome,
    `select c.content ->> 'subject' as subject, m.outcome from message m
     join message_content c on c.message_id = m.id where m.author_kind = 'requester'`,
  );
  assert.equal(
    outcomes.find(({ subject }) => subject === VANISHED)?.outcome,
    "escalated",
    "people have the effect in doubt",
  );
  const { slack } = cluster.vendors;
  const alerts = (await slack.textsIn(slack.alertsChannel)).filter((text) =>
    text.includes("It is not known whether a reply happened"),
  );
  assert.equal(alerts.length, 1, `told once: ${alerts.join(" | ")}`);
}

const Ending = z.object({ subject: z.string(), state: z.string() });
const Outcome = z.object({ subject: z.string(), outcome: z.string().nullable() });

async function mailFor(context: CaseContext): Promise<SandboxMail> {
  const directory = temporaryFolder(context);
  const mail = await startSandboxMail({ directory, now: () => new Date() });
  context.after(() => mail.close());
  return mail;
}

async function write(mail: SandboxMail, subject: string): Promise<Sent> {
  const id = await mail.send({
    from: ANN,
    to: mail.address,
    subject,
    text: "How many days do I have to return something?",
    // Deskhand asks the world's DNS here, which knows nothing of these domains.
    signed: false,
  });
  return {
    channel: "email",
    conversation: subject,
    id: bare(id),
    answer: null,
    answersMost: 1,
  };
}

async function mailboxOf(mail: SandboxMail): Promise<readonly Mail[]> {
  return z.array(Mail).parse(await ask(`${mail.web}/api/mail?to=${encodeURIComponent(ANN)}`));
}

async function fileInSent(mail: SandboxMail, raw: string): Promise<void> {
  await inMailbox(mail.imap, async (client) => {
    const folders = await client.list();
    const sent = folders.find(({ specialUse, path }) => specialUse === "\\Sent" || path === "Sent");
    const path = sent?.path ?? (await client.mailboxCreate("Sent")).path;
    // The dots that SMTP added, and the one that ended the mail, are no part of it.
    const content = raw.replace(/\r\n\.\r\n$/, "\r\n").replaceAll("\r\n..", "\r\n.");
    await client.append(path, Buffer.from(content, "latin1"), ["\\Seen"]);
  });
}

export const cases: readonly FaultCase[] = [droppedAfterData];
