/** One Deskhand with its database, Redis and providers, to which a case writes as customers do and which is judged. */
import { randomUUID } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { removeFolder, startDeskhand, type Deskhand } from "#test/support/deskhand.ts";
import { sendInChat } from "#test/support/visitor.ts";
import type { DatabaseState, ExternalState, Sent, Verdict } from "./evidence.ts";
import { queryPostgres, readDatabaseState } from "./inside.ts";
import { isSettled, judge } from "./judge.ts";
import { readExternalState } from "./outside.ts";

/** How a message's answer is known, and how many there may be. */
interface Expected {
  readonly answer?: RegExp;
  readonly answersMost?: number;
}

/** The statuses the sender of a chat message got, one for each try. */
export interface ChatTries {
  readonly statuses: readonly number[];
}

export interface Installation {
  readonly databaseUrl: string;
  /** The process that runs now. Throws between `kill` and `start`. */
  deskhand(): Deskhand;
  start(environment?: Readonly<Record<string, string>>): Promise<Deskhand>;
  /** SIGKILL; the data stays. */
  kill(): Promise<void>;
  /** Waits until the process has ended by itself, such as at a crash point. */
  ended(): Promise<void>;
  /** A signed mail; gives the Message-ID, which `inReplyTo` takes. */
  mail(
    from: string,
    subject: string,
    text: string,
    more?: Expected & { readonly inReplyTo?: string },
  ): Promise<string>;
  /**
   * A chat message under one id, sent again while the answer is 5xx or none, as a widget does. It counts as accepted
   * with the first 2xx; throws when there never is one.
   */
  chat(
    user: string,
    conversation: string,
    text: string,
    more?: Expected & { readonly triesMost?: number; readonly id?: string },
  ): Promise<ChatTries>;
  /** A signed-in request of Ann's; gives the ticket's number. */
  ticket(subject: string, text: string, more?: Expected): Promise<number>;
  /** A refund that has to be there in the end. */
  wantRefund(order: string, amount: number): void;
  /** Another change of an order that has to be there once, by the name the shop's journal has for it. */
  wantChange(what: string, order: string): void;
  /** What the other sides show, for a case that reads the database in its own way. */
  outside(): Promise<ExternalState>;
  /** Waits until nothing is left to do, then a moment in which nothing may come twice, and judges. */
  judge(options?: { readonly withinMs?: number }): Promise<Verdict>;
  /** True when every accepted message has ended or waits for a person, and nothing is left to do. */
  isSettled(): Promise<boolean>;
  /** The last lines that its processes printed. */
  printed(): string;
  close(): Promise<void>;
}

/** What an installation needs to start. */
export interface InstallationOptions {
  readonly databaseUrl: string;
  /** The address for the judge, where it differs. */
  readonly judgeUrl: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly undoSeconds: number;
  /** One of its own below the machine's temporary folder when absent. */
  readonly folder?: string;
}

const SETTLE_MS = 45_000;

/** Long enough for the reconciler to tick and for a job that waits a second to run. */
const QUIET_MS = 1_500;
const PRINTED_CHARACTERS = 2_000;
const CHAT_PAUSE_MS = 1_000;

/** Makes an installation on `ground`; nothing runs before `start`. */
export function install(
  ground: InstallationOptions,
  onVerdict: (verdict: Verdict) => void,
): Installation {
  const folder = ground.folder ?? mkdtempSync(join(tmpdir(), "deskhand-fault-"));
  const sent: Sent[] = [];
  const wanted = new Map<string, number[]>();
  const wantedChanges: ExternalState["wantedChanges"][number][] = [];
  const running: { deskhand: Deskhand | null } = { deskhand: null };
  const printed: string[] = [];
  const deskhand = (): Deskhand => {
    if (running.deskhand === null) throw new Error("no Deskhand runs in this installation");
    return running.deskhand;
  };
  const note = (one: Omit<Sent, "answer" | "answersMost">, more: Expected): void => {
    if (sent.some(({ channel, id }) => channel === one.channel && id === one.id)) return;
    sent.push({ ...one, answer: more.answer ?? null, answersMost: more.answersMost ?? 1 });
  };
  const end = async (how: (one: Deskhand) => Promise<unknown>): Promise<void> => {
    if (running.deskhand === null) return;
    await how(running.deskhand);
    printed.push(running.deskhand.output());
    running.deskhand.slack.close();
    running.deskhand = null;
  };
  const outside = (): Promise<ExternalState> =>
    readExternalState(deskhand(), sent, { wanted, wantedChanges });
  const inside = (): Promise<DatabaseState> => queryPostgres(ground.judgeUrl, readDatabaseState);
  const settled = async (): Promise<boolean> => isSettled(sent, await inside());
  return {
    databaseUrl: ground.databaseUrl,
    deskhand,
    async start(environment = {}) {
      running.deskhand = await startDeskhand({
        folder,
        databaseUrl: ground.databaseUrl,
        undoSeconds: ground.undoSeconds,
        environment: { ...ground.environment, ...environment },
      });
      return running.deskhand;
    },
    kill: () => end((one) => one.kill()),
    ended: () => end((one) => one.ended()),
    async mail(from, subject, text, more = {}) {
      const { inReplyTo } = more;
      const messageId = await deskhand().mail(from, text, {
        subject: inReplyTo === undefined ? subject : `Re: ${subject}`,
        ...(inReplyTo === undefined ? {} : { inReplyTo }),
      });
      note({ channel: "email", conversation: subject, id: bare(messageId) }, more);
      return messageId;
    },
    async chat(user, conversation, text, more = {}) {
      const id = more.id ?? randomUUID();
      const statuses: number[] = [];
      for (let tries = 0; tries < (more.triesMost ?? 40); tries += 1) {
        const { chat } = deskhand().endpoints;
        const token = await deskhand().chatToken(user);
        const sending = sendInChat(chat.url, { token, user, conversation, text, id });
        const { retryAfterMs, ...answer } = await sending;
        // For a sender no answer is like any other 5xx.
        const status = answer.status ?? 599;
        statuses.push(status);
        if (status >= 200 && status < 300) {
          note({ channel: "chat", conversation: `${user}:${conversation}`, id }, more);
          return { statuses };
        }
        // A sender who is told that the message itself is wrong does not send it again.
        if (status >= 400 && status < 500 && status !== 429) break;
        await delay(status === 429 ? retryAfterMs : CHAT_PAUSE_MS);
      }
      throw new Error(`the chat message “${text}” was never accepted (${statuses.join(", ")})`);
    },
    async ticket(subject, text, more = {}) {
      const { request } = Created.parse(
        await deskhand().zendesk("ann", "/requests.json", {
          request: { subject, comment: { body: text } },
        }),
      );
      const { comments } = Comments.parse(
        await deskhand().zendesk("admin", `/tickets/${request.id}/comments.json`),
      );
      const id = String(comments[0]?.id ?? "");
      note({ channel: "zendesk", conversation: String(request.id), id }, more);
      return request.id;
    },
    wantRefund: (order, amount) => void wanted.set(order, [...(wanted.get(order) ?? []), amount]),
    wantChange: (what, order) => void wantedChanges.push({ what, order }),
    outside,
    isSettled: settled,
    async judge({ withinMs = SETTLE_MS } = {}) {
      const deadline = Date.now() + withinMs;
      // A click that was just made is worked on in the moment of quiet; then there is something to wait for again.
      const quiet = { is: false };
      while (!quiet.is && Date.now() < deadline) {
        const before = await settled().catch(() => false);
        await delay(before ? QUIET_MS : 250);
        quiet.is = before && (await settled().catch(() => false));
      }
      const verdict = judge(await outside(), await inside());
      onVerdict(verdict);
      return verdict;
    },
    printed: () =>
      [...printed, running.deskhand?.output() ?? ""].join("\n").slice(-PRINTED_CHARACTERS),
    async close() {
      await end((one) => one.kill());
      await removeFolder(folder);
    },
  };
}

const Created = z.looseObject({ request: z.looseObject({ id: z.int() }) });
const Comments = z.looseObject({ comments: z.array(z.looseObject({ id: z.int() })) });

/** A Message-ID without its brackets. */
function bare(messageId: string): string {
  return messageId.replace(/^<|>$/g, "");
}
