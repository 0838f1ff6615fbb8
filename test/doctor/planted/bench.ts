/** An installation in which every part is well, for mistakes to be planted in; the doctor looks at it as a person's command does. */
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, type TestContext } from "node:test";
import type { Finding } from "#core/connection/connection-board.ts";
import { examineHere } from "#doctor/index.ts";
import { arrangeAccount } from "#doctor/trial.ts";
import { startSandboxZendesk, type SandboxZendesk } from "#sandbox/zendesk/index.ts";
import { installationSecrets } from "#store/db/installation-secrets.ts";
import { openStore, type Store } from "#store/db/database.ts";
import { CREDENTIALS } from "#sandbox/slack/index.ts";
import { type Provider, startProvider } from "#test/email/login/sign-in-servers.ts";
import { inSlack, type SlackBench } from "#test/slack/bench.ts";
import { CHANNELS } from "#test/slack/local-slack.ts";
import { silentLog } from "#test/store/bench.ts";
import { openedBy } from "#test/support/opened.ts";
import { migratedFreshDatabase } from "#test/support/postgres.ts";
import { SANDBOX_POLICY } from "#test/support/real-parts.ts";
import { freshRedis } from "#test/support/redis.ts";
import { MODEL, modelProvider, publicAddress, shopApi } from "./servers.ts";

/** The parts that a row may connect beside the database and Slack. */
type Part = "redis" | "zendesk" | "email" | "shop" | "model" | "public";

type Variables = Readonly<Record<string, string | undefined>>;

/** A mistake that was made: what is set otherwise, what else is looked at, and how a person takes it back. */
export interface Mistake {
  readonly set?: Variables;
  /** In the place of the whole look, for what only a running process can see. */
  readonly look?: () => Promise<readonly Finding[]>;
  readonly mend?: () => unknown;
}

/** A mistake that a person makes, and what the doctor has to say of it. */
interface Row {
  readonly parts?: readonly Part[];
  /** Why it cannot be planted on this machine. */
  readonly skip?: string | false;
  readonly plant: (bench: PlantedBench, context: TestContext) => Promise<Mistake> | Mistake;
  /** What one finding has to say, behind its part and check. */
  readonly says: RegExp;
  readonly mend: RegExp;
}

/** Mistakes by what each is. */
export type Rows = Readonly<Record<string, Row>>;

/** The mistakes with the same parts connected. */
export function withParts(parts: readonly Part[], rows: Rows): Rows {
  return Object.fromEntries(Object.entries(rows).map(([name, row]) => [name, { parts, ...row }]));
}

/** The support mailbox. */
export const SUPPORT = "support@ourshop.test";
const PASSWORD = "right";
export const SHOP_KEY = "live-key-of-the-shop";
export const TEST_KEY_OF_SHOP = "sk_test_51Lamp";

/** What is open while the rows of a file are planted. */
interface OpenParts {
  readonly folder: string;
  readonly policyFile: string;
  readonly variablesFile: string;
  readonly databaseUrl: string;
  readonly store: Store;
  readonly zendesk: SandboxZendesk;
  readonly mail: Provider;
  readonly model: Awaited<ReturnType<typeof modelProvider>>;
  readonly redisUrl: string;
  readonly shopUrl: string;
  readonly variables: Readonly<Record<Part | "always", Variables>>;
}

export interface PlantedBench {
  readonly at: OpenParts;
  readonly slack: SlackBench;
  readonly slackUrl: () => string;
  /** What a doctor says with these parts and these changes. */
  look(parts: readonly Part[], set?: Variables): Promise<readonly Finding[]>;
}

/** Opens everything once for a file's tests. */
export function plantedBench(): PlantedBench {
  const now: { opened?: OpenParts } = {};
  const at = openedBy(() => now.opened);
  const slack = inSlack();
  const ends: (() => unknown)[] = [];
  before(async () => {
    now.opened = await openParts(ends);
  });
  after(async () => {
    for (const end of ends.toReversed()) await end();
  });
  const slackUrl = (): string => slack.optionsWith({}).apiUrl ?? "";
  return {
    at,
    slack,
    slackUrl,
    look(parts, set = {}) {
      const named = parts.reduce((sum, part) => ({ ...sum, ...at.variables[part] }), {});
      return examineHere({
        ...at.variables.always,
        SLACK_API_URL: slackUrl(),
        ...named,
        ...set,
      });
    },
  };
}

async function openParts(ends: (() => unknown)[]): Promise<OpenParts> {
  const folder = mkdtempSync(join(tmpdir(), "deskhand-planted-"));
  ends.push(() => rmSync(folder, { recursive: true, force: true }));
  const database = await migratedFreshDatabase();
  ends.push(() => database.drop());
  const store = await openStore({
    databaseUrl: database.url,
    folder: join(folder, "store"),
    log: silentLog,
  });
  ends.push(() => store.close());
  const clock = { now: () => new Date() };
  const { instance } = await installationSecrets(store, clock);
  const address = await publicAddress(instance);
  ends.push(address.close);
  const zendesk = await startSandboxZendesk({ directory: join(folder, "zendesk"), now: clock.now });
  ends.push(() => zendesk.close());
  const mail = await startProvider({ user: SUPPORT, now: clock.now });
  ends.push(() => mail.close());
  const model = await modelProvider();
  ends.push(model.close);
  const shop = await shopApi("/api", [SHOP_KEY, TEST_KEY_OF_SHOP]);
  ends.push(shop.close);
  const redis = await freshRedis();
  ends.push(() => redis.drop());
  const account = {
    url: zendesk.url,
    writerToken: async () => zendesk.tokens.bot,
    readerToken: async () => zendesk.tokens.admin,
    clock,
  };
  const arranged = await arrangeAccount(account, address.url, zendesk.tokens.admin);
  const policyFile = join(folder, "deskhand.policy.yaml");
  copyFileSync(SANDBOX_POLICY, policyFile);
  const variablesFile = join(folder, "variables");
  writeFileSync(variablesFile, "", { mode: 0o600 });
  return {
    folder,
    policyFile,
    variablesFile,
    databaseUrl: database.url,
    store,
    zendesk,
    mail,
    model,
    redisUrl: redis.url,
    shopUrl: shop.url,
    variables: {
      always: {
        DESKHAND_DATA: join(folder, "data"),
        DESKHAND_ENV_FILE: variablesFile,
        DESKHAND_POLICY: policyFile,
        DATABASE_URL: database.url,
        EMBEDDINGS: "off",
        SLACK_BOT_TOKEN: CREDENTIALS.botToken,
        SLACK_APP_TOKEN: CREDENTIALS.appToken,
        SLACK_APPROVALS_CHANNEL: CHANNELS.approvals,
        SLACK_ALERTS_CHANNEL: CHANNELS.alerts,
      },
      redis: { REDIS_URL: redis.url },
      public: { DESKHAND_PUBLIC_URL: address.url },
      zendesk: {
        ...arranged.variables,
        DESKHAND_PUBLIC_URL: address.url,
        ZENDESK_URL: zendesk.url,
        ZENDESK_WRITER_CLIENT_ID: zendesk.oauth.writer.id,
        ZENDESK_WRITER_CLIENT_SECRET: zendesk.oauth.writer.secret,
        ZENDESK_READER_CLIENT_ID: zendesk.oauth.reader.id,
        ZENDESK_READER_CLIENT_SECRET: zendesk.oauth.reader.secret,
      },
      email: {
        SUPPORT_ADDRESS: SUPPORT,
        DESKHAND_URGENT_EMAIL: "lea@ourshop.test",
        IMAP_HOST: mail.imap.host,
        IMAP_PORT: String(mail.imap.port),
        IMAP_USER: SUPPORT,
        IMAP_PASS: PASSWORD,
        SMTP_HOST: mail.smtp.host,
        SMTP_PORT: String(mail.smtp.port),
      },
      shop: { SHOP_URL: `${shop.url}/api`, SHOP_KEY },
      model: {
        OPENAI_API_KEY: MODEL.key,
        OPENAI_BASE_URL: `${model.url}/v1`,
        DESKHAND_MODEL: MODEL.name,
        DESKHAND_MODEL_PRICE: "0,0,0",
      },
    },
  };
}
