/** One Deskhand with its database, Redis and providers, to which a case writes as customers do and which is judged. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { removeFolder, startDeskhand, type Deskhand } from "#test/support/deskhand.ts";
import type { DatabaseState, ExternalState, Verdict } from "./evidence.ts";
import { queryPostgres, readDatabaseState } from "./inside.ts";
import { isSettled, judge } from "./judge.ts";
import { noMessages, untilQuiet, type Expected, type Messages } from "./messages.ts";
import { bare, readExternalState } from "./outside.ts";
import { askInHelpCenter } from "#test/support/help-center.ts";

export interface Installation extends Pick<Messages, "chat" | "wantRefund" | "wantChange"> {
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
  /** A signed-in request of Ann's; gives the ticket's number. */
  ticket(subject: string, text: string, more?: Expected): Promise<number>;
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

const PRINTED_CHARACTERS = 2_000;

/** Makes an installation on `ground`; nothing runs before `start`. */
export function install(
  ground: InstallationOptions,
  onVerdict: (verdict: Verdict) => void,
): Installation {
  const folder = ground.folder ?? mkdtempSync(join(tmpdir(), "deskhand-fault-"));
  const running: { deskhand: Deskhand | null } = { deskhand: null };
  const printed: string[] = [];
  const deskhand = (): Deskhand => {
    if (running.deskhand === null) throw new Error("no Deskhand runs in this installation");
    return running.deskhand;
  };
  const messages = noMessages({
    urls: () => [deskhand().endpoints.chat.url],
    token: (user) => deskhand().chatToken(user),
    hasEveryPage: false,
  });
  const end = async (how: (one: Deskhand) => Promise<unknown>): Promise<void> => {
    if (running.deskhand === null) return;
    await how(running.deskhand);
    printed.push(running.deskhand.output());
    running.deskhand.slack.close();
    running.deskhand = null;
  };
  const outside = (): Promise<ExternalState> => readExternalState(deskhand(), messages);
  const inside = (): Promise<DatabaseState> => queryPostgres(ground.judgeUrl, readDatabaseState);
  const settled = async (): Promise<boolean> => isSettled(messages.sent(), await inside());
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
      messages.accepted({ channel: "email", conversation: subject, id: bare(messageId) }, more);
      return messageId;
    },
    chat: messages.chat,
    async ticket(subject, text, more = {}) {
      const { url = "" } = deskhand().endpoints.zendesk ?? {};
      const ticketId = await askInHelpCenter(url, "ann", { subject, body: text });
      const { comments } = Comments.parse(
        await deskhand().zendesk("admin", `/tickets/${ticketId}/comments.json`),
      );
      const id = String(comments[0]?.id ?? "");
      messages.accepted({ channel: "zendesk", conversation: String(ticketId), id }, more);
      return ticketId;
    },
    wantRefund: messages.wantRefund,
    wantChange: messages.wantChange,
    outside,
    isSettled: settled,
    async judge({ withinMs = SETTLE_MS } = {}) {
      await untilQuiet(settled, withinMs);
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

const Comments = z.looseObject({ comments: z.array(z.looseObject({ id: z.int() })) });
