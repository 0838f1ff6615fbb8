import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";

/** Ids of the workspace every test starts from. */
export const TEAM = "T01TEST";
export const USERS = { sam: "U0SAM", lea: "U0LEA", ned: "U0NED", ann: "U0ANN" } as const;
export const BOT = "U0BOT";
export const CHANNELS = {
  approvals: "C0APPROVALS",
  alerts: "C0ALERTS",
  help: "C0HELP",
  random: "C0RANDOM",
} as const;

const Message = z.looseObject({
  ts: z.string(),
  user: z.string().optional(),
  text: z.string().optional(),
  thread_ts: z.string().optional(),
  subtype: z.string().optional(),
  blocks: z.array(z.looseObject({ type: z.string(), block_id: z.string().optional() })).optional(),
});
export type SeenMessage = z.infer<typeof Message>;

const View = z.looseObject({
  id: z.string(),
  callback_id: z.string().optional(),
  blocks: z.array(z.looseObject({ type: z.string(), block_id: z.string().optional() })),
});
export type SeenView = z.infer<typeof View>;

const Log = z.object({ log: z.array(z.looseObject({ kind: z.string() })) });

const UiEvent = z.looseObject({
  t: z.string(),
  stack: z.array(View).optional(),
  errors: z.record(z.string(), z.string()).optional(),
  connected: z.boolean().optional(),
});

/** One workspace of local-slack, driven as its people would. */
export interface LocalSlack {
  readonly url: string;
  readonly apiUrl: string;
  say(user: string, channel: string, text: string, thread?: string): Promise<string>;
  /** Somebody changes what they said. */
  edit(user: string, channel: string, ts: string, text: string): Promise<void>;
  click(user: string, channel: string, ts: string, action: string): Promise<void>;
  /** A click on something that is no button of the message. */
  interact(body: Record<string, unknown>): Promise<void>;
  /** Presses the submit button of the modal on screen, with these inputs touched. */
  submit(user: string, values: Record<string, Record<string, unknown>>): void;
  /** The modal on screen; null when none is. */
  modal(): SeenView | null;
  /** Errors the last submission was answered with. */
  errors(): Readonly<Record<string, string>>;
  messages(channel: string): Promise<readonly SeenMessage[]>;
  /** The direct message channel of somebody with the bot. */
  direct(user: string): Promise<string>;
  call(method: string, parameters: Record<string, string>): Promise<unknown>;
  /** Whether the bot holds a socket open. */
  connected(): boolean;
  /** Kinds of everything that went to the bot and came from it; `socket` is a connection. */
  log(): Promise<readonly string[]>;
  /** Empties all channels; people, channels and connections stay. */
  reset(): Promise<void>;
  /** Stops the server as a crash would and starts it again, empty, on the same port. */
  restart(): Promise<void>;
  /** Stops the server as a crash would and leaves it down. */
  kill(): Promise<void>;
  close(): Promise<void>;
}

/** Starts local-slack on loopback only; it listens everywhere unless its runtime is told otherwise. */
export async function startLocalSlack(): Promise<LocalSlack> {
  const folder = mkdtempSync(join(tmpdir(), "deskhand-slack-"));
  writeFileSync(
    join(folder, "preload.js"),
    `const serve = Bun.serve; Bun.serve = (options) => serve({ hostname: "127.0.0.1", ...options });`,
  );
  writeFileSync(join(folder, "config.json"), JSON.stringify(workspace()));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  let child = await launch(folder, port, url);
  let ui = await openUi(url);

  const post = async (path: string, body: Record<string, unknown>): Promise<unknown> => {
    const response = await fetch(`${url}/_control/${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    const answer: unknown = await response.json();
    assert.equal(response.status, 200, JSON.stringify(answer));
    return answer;
  };

  const messages = async (channel: string): Promise<readonly SeenMessage[]> => {
    const response = await fetch(`${url}/_control/messages/${channel}`);
    return z.object({ messages: z.array(Message) }).parse(await response.json()).messages;
  };

  const call = async (method: string, parameters: Record<string, string>): Promise<unknown> => {
    const response = await fetch(`${url}/api/${method}`, {
      method: "POST",
      headers: { authorization: "Bearer xoxb-test-token" },
      body: new URLSearchParams(parameters),
    });
    return response.json();
  };

  const kill = async (): Promise<void> => {
    ui.close();
    await stopped(child, "SIGKILL");
  };

  return {
    url,
    apiUrl: `${url}/api/`,
    async say(user, channel, text, thread) {
      const body = { user, channel, text, ...(thread === undefined ? {} : { thread_ts: thread }) };
      return z.object({ message: Message }).parse(await post("message", body)).message.ts;
    },
    async edit(user, channel, ts, text) {
      await post("edit-message", { user, channel, ts, text });
    },
    async click(user, channel, ts, actionId) {
      const message = (await messages(channel)).find((one) => one.ts === ts);
      const action = buttonsOf(message).find(({ action_id }) => action_id === actionId);
      assert.ok(action, `no button ${actionId} on the message`);
      await post("interact", { user, channel, messageTs: ts, action });
    },
    async interact(body) {
      await post("interact", body);
    },
    submit: (user, values) => ui.send({ t: "view_submit", user, values }),
    modal: () => ui.modal(),
    errors: () => ui.errors(),
    messages,
    async direct(user) {
      const opened = await call("conversations.open", { users: user });
      return z.object({ channel: z.object({ id: z.string() }) }).parse(opened).channel.id;
    },
    call,
    connected: () => ui.connected(),
    async log() {
      const response = await fetch(`${url}/_control/log`);
      return Log.parse(await response.json()).log.map(({ kind }) => kind);
    },
    async reset() {
      await post("reset", {});
    },
    async restart() {
      await kill();
      child = await launch(folder, port, url);
      ui = await openUi(url);
    },
    kill,
    async close() {
      ui.close();
      await stopped(child, "SIGTERM");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const Button = z.object({
  type: z.literal("button"),
  action_id: z.string(),
  value: z.string().optional(),
  text: z.object({ text: z.string() }),
  block_id: z.string().optional(),
});

/** The buttons under a message, each with the block it stands in, as a click reports it. */
export function buttonsOf(message: SeenMessage | undefined): readonly z.infer<typeof Button>[] {
  return (message?.blocks ?? []).flatMap((block) => {
    if (block.type !== "actions") return [];
    const elements = z.array(z.unknown()).parse(block["elements"]);
    return elements.map((element) => ({
      ...Button.parse(element),
      ...(block.block_id === undefined ? {} : { block_id: block.block_id }),
    }));
  });
}

function workspace(): unknown {
  const member = (name: string, id: string, real: string, email: string): unknown => ({
    id,
    name,
    real_name: real,
    email,
  });
  const everybody = [BOT, ...Object.values(USERS)];
  const channel = (id: string, name: string): unknown => ({ id, name, members: everybody });
  return {
    workspace: { name: "OurShop", domain: "ourshop", teamId: TEAM },
    app: {
      appId: "A0DESK",
      botUserId: BOT,
      botName: "deskhand",
      botToken: "xoxb-test-token",
      appToken: "xapp-test-token",
      mode: "socket",
    },
    users: [
      member("sam", USERS.sam, "Sam Ortiz", "sam@ourshop.test"),
      member("lea", USERS.lea, "Lea Winter", "lea@ourshop.test"),
      member("ned", USERS.ned, "Ned Frost", "ned@ourshop.test"),
      member("ann", USERS.ann, "Ann Fields", "ann@customer.test"),
    ],
    channels: [
      channel(CHANNELS.approvals, "approvals"),
      channel(CHANNELS.alerts, "alerts"),
      channel(CHANNELS.help, "help"),
      channel(CHANNELS.random, "random"),
    ],
  };
}

async function launch(folder: string, port: number, url: string): Promise<ChildProcess> {
  const manifest = createRequire(import.meta.url).resolve("local-slack-linux-x64/package.json");
  const child = spawn(
    join(manifest, "..", "bin", "local-slack"),
    ["--config", "config.json", "--port", String(port), "--base-host", "127.0.0.1"],
    {
      cwd: folder,
      env: { PATH: process.env["PATH"], BUN_OPTIONS: "--preload ./preload.js" },
      stdio: "ignore",
    },
  );
  for (;;) {
    assert.equal(child.exitCode, null, "local-slack did not start");
    const answer = await fetch(`${url}/_control/state`).catch(() => null);
    if (answer?.ok) break;
    await delay(20);
  }
  assertLoopback(port);
  return child;
}

/** Fails when anything listens on this port elsewhere than on 127.0.0.1. */
function assertLoopback(port: number): void {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  const listening = ["/proc/net/tcp", "/proc/net/tcp6"]
    .flatMap((file) => readFileSync(file, "utf8").split("\n"))
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => state === "0A" && local?.endsWith(`:${hex}`))
    .map(([, local]) => local);
  assert.deepEqual(listening, [`0100007F:${hex}`]);
}

interface Ui {
  send(message: Record<string, unknown>): void;
  modal(): SeenView | null;
  errors(): Readonly<Record<string, string>>;
  connected(): boolean;
  close(): void;
}

/** The web page's own socket: the only way to submit a modal. */
async function openUi(url: string): Promise<Ui> {
  const socket = new WebSocket(`${url.replace("http", "ws")}/ui`);
  let modal: SeenView | null = null;
  let errors: Record<string, string> = {};
  let connected = false;
  socket.addEventListener("message", ({ data }) => {
    const event = UiEvent.safeParse(JSON.parse(String(data)));
    if (!event.success) return;
    if (event.data.t === "view") {
      modal = event.data.stack?.at(-1) ?? null;
      errors = {};
    }
    if (event.data.t === "socket_status") connected = event.data.connected ?? false;
    if (event.data.t === "view_errors") errors = event.data.errors ?? {};
  });
  await once(socket, "open");
  return {
    send: (message) => {
      errors = {};
      socket.send(JSON.stringify(message));
    },
    modal: () => modal,
    errors: () => errors,
    connected: () => connected,
    close: () => socket.close(),
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = z.object({ port: z.number() }).parse(server.address());
  server.close();
  await once(server, "close");
  return port;
}

async function stopped(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  await once(child, "exit");
}
