/**
 * Room: what tests share: processes, databases, Redis, Slack, browsers and models to test against.
 * In: what a test wants to differ from the sandbox.
 * Out: running parts with the calls their users make, and the way to end them.
 * May touch: temporary folders, child processes, and servers on 127.0.0.1.
 * This file: starts a whole Deskhand as a child process with every embedded part, and drives it as its users do.
 */
import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { callControl } from "#cli/control.ts";
import { endLeftover } from "#sandbox/process/index.ts";
import { BARE_ENVIRONMENT, recorderForChildren } from "./bare-environment.ts";
import { actionOf } from "./card-buttons.ts";
import { ask } from "./http-request.ts";
import { placeEmbedded } from "./embedded.ts";
import { placeMailKeys } from "./mail-keys.ts";
import { Mail, ShopOrder } from "./response-shapes.ts";
import { migratedFreshDatabase, postgresMissing } from "./postgres.ts";
import { changedPolicy, policyIn } from "./sandbox-policy.ts";
import { visitorToken } from "./visitor.ts";
import { isLong } from "./tiers.ts";
import { openedBy } from "./opened.ts";
import { shownText, slackPeople, type SlackMessage, type SlackPeople } from "./slack.ts";
import { PATIENCE_MS, until } from "./waiting.ts";
import { NODE_FLAGS } from "../../src/bootstrap/node-flags.mjs";
import { EmbeddedEndpoints } from "#sandbox/index.ts";

const ROOT = join(import.meta.dirname, "../..");

export type DatabaseKind = "pglite" | "postgres";

/** Both databases; without a PostgreSQL server only the embedded one, and `npm test` says so. */
export const BOTH_DATABASES: readonly DatabaseKind[] =
  postgresMissing === false ? ["pglite", "postgres"] : ["pglite"];

/** The one most tests run on: what `npm test -- --database` names, else real PostgreSQL wherever there is one. */
export const MAIN_DATABASE: DatabaseKind =
  BOTH_DATABASES.find((kind) => kind === process.env["TEST_DATABASE"]) ??
  (postgresMissing === false ? "postgres" : "pglite");

/** What tests of both databases run on: `npm test` takes one of them, `npm test -- --long` each. */
export const DATABASES: readonly DatabaseKind[] = isLong ? BOTH_DATABASES : [MAIN_DATABASE];

/** What the chat endpoint answers, with the status of the answer beside it. */
interface ChatAnswer {
  readonly httpStatus: number;
  readonly retryAfter: string | null;
  readonly reply: string;
  readonly status: string;
  readonly conversation_id: string;
  readonly error: string;
}

/** Who can press a button of a card. */
export type Person = "sam" | "lea" | "ned" | "ann";

/** What `endpoints.json` says of a whole Deskhand. */
const Endpoints = EmbeddedEndpoints.extend({
  ready: z.literal(true),
  app: z.strictObject({ url: z.string() }),
  chat: z.strictObject({ url: z.string(), identitySecret: z.string() }),
  redis: z.strictObject({ url: z.string() }),
  database: z.strictObject({ kind: z.enum(["pglite", "postgres"]), url: z.string() }),
});
type Endpoints = z.infer<typeof Endpoints>;

export interface Deskhand {
  readonly folder: string;
  readonly pid: number | undefined;
  readonly endpoints: Endpoints;
  readonly slack: SlackPeople;
  /** Everything printed so far, for failures. */
  output(): string;
  /** Sends a mail as the sender's own provider would; gives its Message-ID. */
  mail(
    from: string,
    text: string,
    more?: {
      subject?: string;
      inReplyTo?: string;
      signed?: boolean;
      /** Attached files, their content in base64. */
      files?: readonly { name: string; mediaType: string; content: string }[];
    },
  ): Promise<string>;
  mailbox(address: string): Promise<readonly Mail[]>;
  order(id: string): Promise<z.infer<typeof ShopOrder>>;
  shop(path: string, body?: unknown, headers?: Record<string, string>): Promise<unknown>;
  /** A request to the sandbox Zendesk as one of its people. */
  zendesk(
    as: keyof NonNullable<Endpoints["zendesk"]>["tokens"],
    path: string,
    body?: unknown,
    method?: string,
  ): Promise<unknown>;
  chat(
    user: string,
    message: string,
    more?: { token?: string | null; conversation?: string; userId?: string },
  ): Promise<ChatAnswer>;
  chatToken(user: string): Promise<string>;
  /** The newest card that fits, once it is there. */
  card(fits: (text: string) => boolean): Promise<SlackMessage>;
  cards(): Promise<readonly SlackMessage[]>;
  alerts(): Promise<readonly SlackMessage[]>;
  press(user: Person, card: SlackMessage, button: string): Promise<void>;
  command(...argv: string[]): Promise<{ stdout: string; stderr: string; exitCode: number }>;
  /** SIGKILL, as a power cut; the data stays. */
  kill(): Promise<void>;
  /** Resolves when the process has ended by itself. */
  ended(): Promise<void>;
  /** Ctrl-C; gives the exit code. */
  stop(): Promise<number | null>;
  /** Stops it if it runs and removes its data. */
  destroy(): Promise<void>;
}

/** Starts one in its own folder, or again in `folder`. Rejects with everything it printed when it does not come up. */
export async function startDeskhand(
  options: {
    readonly database?: DatabaseKind;
    readonly folder?: string;
    readonly databaseUrl?: string;
    readonly environment?: Readonly<Record<string, string>>;
    /** The time an approval can be taken back; the sandbox's own five seconds when absent. */
    readonly undoSeconds?: number;
  } = {},
): Promise<Deskhand> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), "deskhand-"));
  const { databaseUrl, drop } = await databaseFor(options);
  if (options.folder === undefined) {
    placeMailKeys(join(folder, "mail"));
    if (databaseUrl === "") placeEmbedded(folder, "empty");
  }
  // What a killed process left behind names addresses where no process answers any more.
  rmSync(join(folder, "endpoints.json"), { force: true });
  const child = spawn(process.execPath, [...NODE_FLAGS, "src/main.ts"], {
    cwd: ROOT,
    env: {
      ...BARE_ENVIRONMENT,
      HOME: process.env["HOME"],
      DESKHAND_DATA: folder,
      DESKHAND_PORT: "0",
      DESKHAND_LOG: "warn",
      // Embedding a hundred passages at every fresh start would cost more than all the rest of a test.
      EMBEDDINGS: "off",
      DATABASE_URL: databaseUrl,
      ...(options.undoSeconds === undefined ? {} : undoable(folder, options.undoSeconds)),
      ...recorderForChildren(),
      ...options.environment,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const printed = { text: "" };
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => (printed.text += chunk.toString("utf8")));
  try {
    const endpoints = await readyEndpoints(child, folder, printed);
    const slack = endpoints.slack === null ? NO_SLACK : await slackPeople(endpoints.slack.url);
    return drive({ child, folder, endpoints, slack, printed, dropDatabase: drop });
  } catch (error) {
    child.kill("SIGKILL");
    await drop();
    throw error;
  }
}

/** Where Deskhand runs without the sandbox's Slack, no teammate can be asked for anything there. */
const NO_SLACK = openedBy<SlackPeople>(() => undefined);

/** Another undo time, so that a test need not wait five seconds for every approval. */
function undoable(folder: string, seconds: number): Readonly<Record<string, string>> {
  return policyIn(folder, changedPolicy([[/undo_seconds: \d+/, `undo_seconds: ${seconds}`]]));
}

/** The database the caller brought, or a fresh one that goes with the process. */
async function databaseFor(options: {
  readonly database?: DatabaseKind;
  readonly databaseUrl?: string;
}): Promise<{ readonly databaseUrl: string; readonly drop: () => Promise<void> }> {
  const wanted = options.database ?? MAIN_DATABASE;
  if (options.databaseUrl !== undefined || wanted === "pglite")
    return { databaseUrl: options.databaseUrl ?? "", drop: async () => undefined };
  const own = await migratedFreshDatabase();
  return { databaseUrl: own.url, drop: () => own.drop() };
}

async function readyEndpoints(
  child: ChildProcess,
  folder: string,
  printed: { readonly text: string },
): Promise<Endpoints> {
  const file = join(folder, "endpoints.json");
  return until(
    "Deskhand to get ready",
    async () => {
      if (child.exitCode !== null || child.signalCode !== null)
        throw new Error(
          `Deskhand ended (${child.signalCode ?? child.exitCode}) while it started:\n${printed.text}`,
        );
      return existsSync(file) && Endpoints.parse(JSON.parse(readFileSync(file, "utf8")));
    },
    () => printed.text,
  );
}

interface Handles {
  readonly child: ChildProcess;
  readonly folder: string;
  readonly endpoints: Endpoints;
  readonly slack: SlackPeople;
  readonly printed: { readonly text: string };
  readonly dropDatabase: () => Promise<void>;
}

function drive(handles: Handles): Deskhand {
  const { child, folder, endpoints, slack, printed } = handles;
  const { approvalsChannel = "", alertsChannel = "" } = endpoints.slack ?? {};
  const cards = async (): Promise<readonly SlackMessage[]> => slack.messages(approvalsChannel);
  const ended = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    // A process that should end and does not is a finding of its own, with all it said.
    const limit = AbortSignal.timeout(PATIENCE_MS);
    await once(child, "exit", { signal: limit }).catch((cause: unknown) => {
      throw new Error(`Deskhand did not end. It printed:\n${printed.text}`, { cause });
    });
  };
  const stop = async (): Promise<number | null> => {
    child.kill("SIGINT");
    await ended();
    return child.exitCode;
  };
  const chatToken = (user: string): Promise<string> =>
    visitorToken(user, endpoints.chat.identitySecret);
  return {
    folder,
    pid: child.pid,
    endpoints,
    slack,
    output: () => printed.text,
    async mail(from, text, more = {}) {
      const { messageId } = z.object({ messageId: z.string() }).parse(
        await ask(`${endpoints.email?.web}/api/mail`, {
          body: { from, to: endpoints.email?.address, subject: "Question", text, ...more },
        }),
      );
      return messageId;
    },
    mailbox: async (address) =>
      z
        .array(Mail)
        .parse(await ask(`${endpoints.email?.web}/api/mail?to=${encodeURIComponent(address)}`)),
    order: async (id) => ShopOrder.parse(await askShop(endpoints, `/orders/${id}`)),
    shop: (path, body, headers) => askShop(endpoints, path, body, headers),
    zendesk: (as, path, body, method) =>
      ask(`${endpoints.zendesk?.url}/api/v2${path}`, {
        headers: { authorization: `Bearer ${endpoints.zendesk?.tokens[as]}` },
        ...(body === undefined ? {} : { body }),
        ...(method === undefined ? {} : { method }),
      }),
    async chat(user, message, more = {}) {
      const token = more.token === undefined ? await chatToken(user) : more.token;
      const response = await fetch(endpoints.chat.url, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        },
        body: JSON.stringify({
          user_id: more.userId ?? user,
          message,
          ...(more.conversation === undefined ? {} : { conversation_id: more.conversation }),
        }),
      });
      const body = z
        .object({
          reply: z.string().default(""),
          status: z.string().default(""),
          conversation_id: z.string().default(""),
          error: z.string().default(""),
        })
        .parse(await response.json());
      return {
        httpStatus: response.status,
        retryAfter: response.headers.get("retry-after"),
        ...body,
      };
    },
    chatToken,
    card: async (fits) => {
      const seen = { texts: [""] };
      return until(
        "a card",
        async () => {
          const all = await cards();
          seen.texts = all.map(shownText);
          return all.findLast((message) => fits(shownText(message)));
        },
        () => `These are there:\n${seen.texts.join("\n---\n")}\nPrinted:\n${printed.text}`,
      );
    },
    cards,
    alerts: () => slack.messages(alertsChannel),
    press: (user, card, button) =>
      slack.click(
        endpoints.slack?.users[user] ?? "",
        approvalsChannel,
        card.ts,
        actionOf(card, button),
      ),
    async command(...argv) {
      const result = await callControl(folder, argv);
      assert.ok(result, "the running Deskhand does not answer on its control socket");
      return result;
    },
    kill: async () => {
      child.kill("SIGKILL");
      await ended();
      if (endpoints.slack !== null) slack.close();
    },
    ended,
    stop,
    async destroy() {
      if (endpoints.slack !== null) slack.close();
      if (child.exitCode === null && child.signalCode === null) await stop();
      await handles.dropDatabase();
      await removeFolder(folder);
    },
  };
}

/** Removes the data of a Deskhand that runs no more, and what one that was killed left running there. */
export async function removeFolder(folder: string): Promise<void> {
  await endLeftover(join(folder, "redis", "redis.pid"), join(folder, "redis", "data"));
  // Other child processes end a moment after it, and may still write.
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}

function askShop(
  endpoints: Endpoints,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<unknown> {
  return ask(`${endpoints.shop?.url}${path}`, {
    headers: { authorization: `Bearer ${endpoints.shop?.key}`, ...headers },
    ...(body === undefined ? {} : { body }),
  });
}
