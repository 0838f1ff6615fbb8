/** Zendesk: the sandbox's account in a process of its own, with limits that a benchmark does not reach. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { SUBSCRIPTIONS } from "#zendesk/setup/account.ts";
import { ANN_ALONE, inTurn, questionOf } from "#test/bench/fleet/customers.ts";
import { ask } from "#test/support/http-request.ts";
import { until } from "#test/support/waiting.ts";
import { OPEN_SOURCE_MS, type Source } from "./path.ts";
import { askInHelpCenter } from "#test/support/help-center.ts";

const ROOT = join(import.meta.dirname, "../../..");

const Client = z.object({ id: z.string(), secret: z.string() });
const Account = z.object({
  url: z.string(),
  tokens: z.object({ admin: z.string() }),
  groups: z.object({ bot: z.int(), tier2: z.int(), sensitive: z.int() }),
  users: z.object({ bot: z.int() }),
  oauth: z.object({ reader: Client, writer: Client }),
});
const Webhook = z.object({ webhook: z.object({ id: z.string() }) });
const SigningSecret = z.object({ signing_secret: z.object({ secret: z.string() }) });
const Comments = z.object({
  comments: z.array(z.object({ author_id: z.number(), public: z.boolean() })),
});

/** Those the account's help centre can sign in. */
const SIGNED_IN = ["ann", "bob", "cara"] as const;

/**
 * Zendesk takes 100 updates of tickets a minute, and 30 of them at once are ours: a ticket beyond waits for its turn, and a
 * second wake for it is no part of what a ticket costs.
 */
const AT_ONCE = 25;
const AT_ONCE_AGAIN_MS = 20_000;

/** Starts the account. */
export async function zendeskSource(askers = ANN_ALONE): Promise<Source> {
  const known = SIGNED_IN.flatMap((user) => {
    const asker = askers.find(({ email }) => email.startsWith(`${user}@`));
    return asker === undefined ? [] : [{ ...asker, user }];
  });
  const next = inTurn(known);
  const folder = mkdtempSync(join(tmpdir(), "bench-zendesk-"));
  const child = spawn(
    process.execPath,
    ["packages/sandbox/main.ts", "zendesk", "--directory", join(folder, "account")],
    { cwd: ROOT, stdio: ["ignore", "pipe", "inherit"] },
  );
  const [printed] = await once(child.stdout, "data");
  const account = Account.parse(JSON.parse(String(printed).split("\n")[0] ?? ""));
  const call = (as: "admin", method: string, path: string, body?: unknown): Promise<unknown> =>
    ask(`${account.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${account.tokens[as]}` },
      body,
    });
  await call("admin", "PUT", "/_sandbox/settings", {
    accountPerMinute: 1_000_000,
    exportsPerMinute: 1_000_000,
    updatesPerMinute: 1_000_000,
  });
  const isAnswered = async (ticket: number): Promise<boolean> => {
    const path = `/api/v2/tickets/${ticket}/comments?page[size]=100`;
    const { comments } = Comments.parse(await call("admin", "GET", path));
    return comments.some((comment) => comment.public && comment.author_id === account.users.bot);
  };
  const askAtOnce = async (count: number): Promise<void> => {
    const open: number[] = [];
    for (let index = 0; index < count; index += 1) {
      const asker = next();
      const request = { subject: "My order", body: questionOf(asker) };
      open.push(await askInHelpCenter(account.url, asker.user, request));
    }
    await until(
      `${count} answers in Zendesk`,
      async () => {
        for (const ticket of open.splice(0)) if (!(await isAnswered(ticket))) open.push(ticket);
        return open.length === 0;
      },
      OPEN_SOURCE_MS,
    );
  };
  const { oauth, groups } = account;
  const webhook = Webhook.parse(
    await call("admin", "POST", "/api/v2/webhooks", {
      webhook: {
        name: "bench",
        // Set to the web process once that is up: the secret is needed before it starts.
        endpoint: "http://127.0.0.1:1/webhooks/zendesk",
        http_method: "POST",
        request_format: "json",
        status: "inactive",
        subscriptions: [...SUBSCRIPTIONS],
      },
    }),
  ).webhook;
  const at = `/api/v2/webhooks/${webhook.id}`;
  const secret = SigningSecret.parse(await call("admin", "GET", `${at}/signing_secret`));
  return {
    environment: {
      ZENDESK_URL: account.url,
      ZENDESK_WRITER_CLIENT_ID: oauth.writer.id,
      ZENDESK_WRITER_CLIENT_SECRET: oauth.writer.secret,
      ZENDESK_READER_CLIENT_ID: oauth.reader.id,
      ZENDESK_READER_CLIENT_SECRET: oauth.reader.secret,
      ZENDESK_WEBHOOK_SECRET: secret.signing_secret.secret,
      ZENDESK_GROUP_BOT: String(groups.bot),
      ZENDESK_GROUP_TIER2: String(groups.tier2),
      ZENDESK_GROUP_SENSITIVE: String(groups.sensitive),
    },
    async connect(fleet) {
      const endpoint = `${fleet.web.url}/webhooks/zendesk`;
      await call("admin", "PATCH", at, { webhook: { endpoint, status: "active" } });
    },
    async ask(_fleet, count) {
      for (let asked = 0; asked < count; asked += AT_ONCE) {
        if (asked > 0) await delay(AT_ONCE_AGAIN_MS);
        await askAtOnce(Math.min(AT_ONCE, count - asked));
      }
    },
    async close() {
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
