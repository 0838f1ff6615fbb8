/**
 * A Slack of the tests' own, for what local-slack cannot do: limits, slow answers, channels that take nothing. It knows
 * the few methods Deskhand calls, keeps what was posted, and remembers when it was asked what.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { after, before, beforeEach } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { bytesOf, listen } from "#test/support/http-front.ts";
import { openedBy } from "#test/support/opened.ts";
import { z } from "zod";
import { IDS, MEMBERS } from "#sandbox/slack/index.ts";

/** One call as it arrived. */
interface Asked {
  readonly method: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** Milliseconds on this process's own clock. */
  readonly at: number;
}

/** What a test answers in the place of the fake; null leaves it to the fake. */
export type Instead = {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object;
  /** Slack's word for a refusal. */
  readonly error?: string;
  readonly afterMs?: number;
  /** Answered when this is over. */
  readonly until?: Promise<void>;
} | null;

/** A message in a channel. */
interface Standing {
  readonly channel: string;
  readonly ts: string;
  readonly text: string;
  readonly blocks: readonly { readonly block_id?: string | undefined }[];
  readonly thread_ts?: string;
}

export interface FakeSlack {
  readonly url: string;
  readonly apiUrl: string;
  readonly asked: Asked[];
  readonly messages: Standing[];
  instead: (asked: Asked) => Instead;
  /** When a method was asked, in the order of time. */
  timesOf(method: string): readonly number[];
  countOf(method: string): number;
  close(): Promise<void>;
}

const Blocks = z.array(z.looseObject({ block_id: z.string().optional() }));

/** One for the tests of a file, in which nothing has happened yet. */
export function fakeForTests(): FakeSlack {
  const opened: { fake?: FakeSlack } = {};
  const fake = openedBy(() => opened.fake);
  before(async () => {
    opened.fake = await fakeSlack();
  });
  beforeEach(() => {
    fake.instead = () => null;
    fake.asked.splice(0);
    fake.messages.splice(0);
  });
  after(() => fake.close());
  return fake;
}

async function fakeSlack(): Promise<FakeSlack> {
  const asked: Asked[] = [];
  const messages: Standing[] = [];
  const { url, close } = await listen((incoming, outgoing) => {
    void answer(fake, incoming, outgoing).catch(() => outgoing.destroy());
  });
  const fake: FakeSlack = {
    url,
    apiUrl: `${url}/api/`,
    asked,
    messages,
    instead: () => null,
    timesOf: (method) => asked.filter((one) => one.method === method).map(({ at }) => at),
    countOf: (method) => asked.filter((one) => one.method === method).length,
    close,
  };
  return fake;
}

async function answer(
  fake: FakeSlack,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const at = performance.now();
  const body = Buffer.from(await bytesOf(incoming)).toString();
  const method = (incoming.url ?? "").replace(/^\/(api\/)?/, "");
  const parameters = Object.fromEntries(new URLSearchParams(body));
  const asked = { method, parameters, at };
  fake.asked.push(asked);
  const instead = fake.instead(asked);
  if (instead?.afterMs !== undefined) await delay(instead.afterMs, undefined, { ref: false });
  await instead?.until;
  const given =
    instead?.error === undefined
      ? (instead?.body ?? answerOf(fake, asked))
      : { ok: false, error: instead.error };
  outgoing.writeHead(instead?.status ?? 200, {
    "content-type": "application/json",
    ...instead?.headers,
  });
  outgoing.end(JSON.stringify(given));
}

function answerOf(fake: FakeSlack, { method, parameters }: Asked): object {
  const { channel = "", user = "", email = "", text = "" } = parameters;
  const blocks = Blocks.parse(JSON.parse(parameters["blocks"] ?? "[]"));
  switch (method) {
    case "auth.test":
      return { ok: true, user_id: IDS.bot, team_id: IDS.team, bot_id: "B1", url: `${fake.url}/` };
    case "users.info":
    case "users.lookupByEmail":
      return memberAnswer(([, one]) => one.id === user || one.email === email);
    case "conversations.info":
      return { ok: true, channel: { id: channel, name: nameOf(channel), ...OF_ONE_WORKSPACE } };
    case "conversations.open":
      return { ok: true, channel: { id: `D${parameters["users"]}` } };
    case "conversations.history":
    case "conversations.replies":
      return { ok: true, messages: fake.messages.filter((one) => one.channel === channel) };
    case "chat.postMessage": {
      const ts = `${1_000 + fake.messages.length}.000001`;
      const thread = parameters["thread_ts"];
      fake.messages.push({
        channel,
        ts,
        text,
        blocks,
        ...(thread === undefined ? {} : { thread_ts: thread }),
      });
      return { ok: true, channel, ts };
    }
    case "chat.update": {
      const index = fake.messages.findIndex(
        (one) => one.channel === channel && one.ts === parameters["ts"],
      );
      const before = fake.messages[index];
      if (before === undefined) return { ok: false, error: "message_not_found" };
      fake.messages[index] = { ...before, text, blocks };
      return { ok: true };
    }
    case "views.open":
      return { ok: true, view: { id: "V1" } };
    default:
      return { ok: true };
  }
}

/** What Slack says of a channel that nobody outside the workspace is in (conversation object reference). */
const OF_ONE_WORKSPACE = {
  is_member: true,
  is_archived: false,
  is_shared: false,
  is_org_shared: false,
  is_ext_shared: false,
  is_pending_ext_shared: false,
};

function memberAnswer(
  is: (entry: readonly [string, { readonly id: string; readonly email: string }]) => boolean,
): object {
  const found = Object.entries(MEMBERS).find(is);
  if (found === undefined) return { ok: false, error: "user_not_found" };
  const [name, { id, email }] = found;
  return { ok: true, user: { id, team_id: IDS.team, name, profile: { email } } };
}

function nameOf(channel: string): string {
  return channel.toLowerCase().replace(/^c0?/, "");
}

/** What Slack answers a caller it wants to slow down. */
export function slowDown(seconds: number): Instead {
  return {
    status: 429,
    headers: { "retry-after": String(seconds) },
    body: { ok: false, error: "ratelimited" },
  };
}
