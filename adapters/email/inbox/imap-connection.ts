/** A signed-in IMAP connection: opened, waited on for news, and closed; and the Sent folder, in which copies are kept. */

import { ImapFlow } from "imapflow";
import { z } from "zod";
import { answerWithin, pause } from "#core/values/deadline.ts";
import { reasonOf, DeskhandError } from "#core/values/errors.ts";
import {
  type LoginState,
  type Login,
  type MailEndpoint,
  type MailSignIn,
  signInBy,
  requiresStartTls,
} from "#email/login/sign-in.ts";

/** Of the words of a server, in characters. */
const WORDS_MAX = 200;

/** One IMAP account. */
export type ImapServer = MailEndpoint & MailSignIn;

/** How long the two ends may be silent, in milliseconds. */
export interface ImapTimeouts {
  /**
   * A dead connection is noticed within twice this time: first a NOOP is tried, then it counts as broken. At the latest
   * this long after the next poll.
   */
  readonly imapSilenceMs: number;
  readonly connectMs: number;
}

/** Gmail drops an IDLE after about ten minutes, and RFC 2177 wants it renewed before 29. */
const IDLE_MAX_MS = 4 * 60_000;

/** A connection that is not open yet; it never comes back after an error, so each attempt makes a new one. */
export function imapClient(server: MailEndpoint & Login, timeouts: ImapTimeouts): ImapFlow {
  const { user } = server;
  const client = new ImapFlow({
    host: server.host,
    port: server.port,
    secure: server.secure,
    auth:
      "accessToken" in server
        ? { user, accessToken: server.accessToken }
        : { user, pass: server.pass },
    ...(requiresStartTls(server) ? { doSTARTTLS: true } : {}),
    ...(server.proxy === undefined ? {} : { proxy: server.proxy }),
    logger: false,
    socketTimeout: timeouts.imapSilenceMs,
    connectionTimeout: timeouts.connectMs,
    greetingTimeout: timeouts.connectMs,
    maxIdleTime: IDLE_MAX_MS,
    // The poller starts IDLE itself when it is done; between two commands it would only cost round trips.
    disableAutoIdle: true,
  });
  // Failures also reject the command under way or end in `close`; without a listener they would end the process.
  client.on("error", () => {});
  return client;
}

/**
 * A connection that is signed in and, when asked to, has a folder open for reading. Throws `channel.unauthorized` when the
 * account needs login, also without asking the server while that is known.
 */
export function connectImap(
  server: ImapServer,
  {
    timeouts,
    account,
    open = null,
  }: {
    readonly timeouts: ImapTimeouts;
    readonly account: LoginState;
    /** How the name of the folder to open for reading is found. */
    readonly open?: ((client: ImapFlow) => Promise<string>) | null;
  },
): Promise<ImapFlow> {
  const { host, port, secure, plain = false, proxy } = server;
  return signInBy(server, account, {
    refusalIn,
    attempt: async (login) => {
      const client = imapClient({ host, port, secure, plain, proxy, ...login }, timeouts);
      try {
        await client.connect();
        if (open !== null) await client.mailboxOpen(await open(client), { readOnly: true });
        return client;
      } catch (error) {
        client.close();
        throw error;
      }
    },
  });
}

const ImapFailure = z.object({
  message: z.string().catch(""),
  authenticationFailed: z.boolean().catch(false),
  responseStatus: z.string().catch(""),
  serverResponseCode: z.string().catch(""),
  response: z.string().catch(""),
});

/** Said by a server that cannot tell now whether the login is right (RFC 5530 section 3), as a code or, as by Gmail, in words. */
const LATER = /\b(?:unavailable|inuse|limit|serverbug)\b|too many|throttl|quota|try again/i;

/** What a server says that refuses a login, offers no fitting one, or has no inbox for it; null for everything else. */
function refusalIn(error: unknown): string | null {
  const failure = ImapFailure.safeParse(error).data;
  if (failure === undefined) return null;
  const { authenticationFailed, responseStatus, serverResponseCode, response, message } = failure;
  const isSure = serverResponseCode === "AUTHENTICATIONFAILED";
  if (!isSure && LATER.test(`${serverResponseCode} ${response}`)) return null;
  if (authenticationFailed || responseStatus === "NO" || /authentication mech/i.test(message))
    return (response || message).slice(0, WORDS_MAX);
  return null;
}

/** Whether a server answered a command and refused it. */
export function isRefusal(error: unknown): boolean {
  return ["NO", "BAD"].includes(ImapFailure.safeParse(error).data?.responseStatus ?? "");
}

/** What went wrong, with what the server said: by itself the error only says that a command failed. */
export function imapReason(error: unknown): string {
  const said =
    error instanceof Error && "responseText" in error && typeof error.responseText === "string"
      ? error.responseText.slice(0, WORDS_MAX)
      : "";
  return said === "" ? reasonOf(error) : `${reasonOf(error)}: ${said}`;
}

/** A server that has not taken a farewell by then, in milliseconds, hears of the end from the connection itself. */
const FAREWELL_MS = 1_000;

/** Ends a connection; with `polite` the server hears of it first, if it listens: one that died in silence never would. */
export async function closeImap(client: ImapFlow, polite: boolean): Promise<void> {
  try {
    if (polite && client.usable) await answerWithin(FAREWELL_MS, client.logout());
  } catch {
    // The connection is given up either way.
  }
  client.close();
}

/** An IDLE that ended by itself is begun anew after this time, so that a server that ends each at once is not chased. */
const IDLE_AGAIN_MS = 500;

/**
 * Waits for new mail, of which `news` tells by its abort, or until the poll time is over. IDLE ends when servers like, and
 * when the client has to find out after some silence whether the connection is alive. Nothing is pushed from then on, so
 * the next look does not wait for the poll time, except where the server refused IDLE and polling is all there is. A
 * NOOP ends IDLE and proves that the connection is alive; throws when it is not.
 */
export async function waitForMail(
  client: ImapFlow,
  news: AbortController,
  { pollMs, imapSilenceMs }: { readonly pollMs: number } & ImapTimeouts,
): Promise<void> {
  const untilNews = (ms: number): Promise<void> =>
    pause(ms, news.signal).then(
      () => news.abort(),
      () => undefined,
    );
  const idling = client.idle().catch(() => false);
  void idling.then((ended) => (ended === false ? undefined : untilNews(IDLE_AGAIN_MS)));
  await untilNews(pollMs);
  if (client.usable) await answerWithin(imapSilenceMs, client.noop());
  await idling;
}

/**
 * True while the folder can be asked. The client answers "nothing" once its connection has ended or its server has said
 * BYE (RFC 3501 section 7.1.5), as if there were no such mail.
 */
export function isSelected({ usable, mailbox, state, states }: ImapFlow): boolean {
  return usable && mailbox !== false && state === states.SELECTED;
}

/** Throws `channel.unavailable` when the folder cannot be asked any more. */
export function requireSelected(client: ImapFlow): void {
  if (!isSelected(client)) throw new DeskhandError("channel.unavailable", "the session ended");
}

/** The Sent folder of one account: where a reply is kept, and looked up when it is unknown whether it went out. */
export type SentFolder = ReturnType<typeof sentFolder>;

/** By what a mail of ours is known: its id, and the value of our own header. */
interface KnownMail {
  readonly messageId: string;
  readonly proof: string;
}

/** Opens a connection for each question: replies are rare, and an idle one would count against the account's limit. */
export function sentFolder(
  server: ImapServer,
  options: {
    readonly timeouts: ImapTimeouts;
    readonly account: LoginState;
    /** Whether the provider gives what is sent another Message-ID. */
    readonly isRenamed: boolean;
  },
) {
  let known: string | null = null;
  const opened = async <Result>(
    use: (client: ImapFlow, path: string) => Promise<Result>,
  ): Promise<Result> => {
    let client: ImapFlow | null = null;
    try {
      client = await connectImap(server, options);
      known ??= await folderPath(client, "\\Sent");
      return await use(client, known);
    } catch (error) {
      // The folder may have been renamed meanwhile.
      known = null;
      if (error instanceof DeskhandError) throw error;
      const reason = `the Sent folder cannot be used: ${reasonOf(error)}`;
      throw new DeskhandError("channel.unavailable", reason, { cause: error });
    } finally {
      if (client !== null) await closeImap(client, true);
    }
  };
  return {
    /**
     * The Message-ID of the copy of this mail, which the provider may have changed; null when there is no copy. Throws
     * `channel.unavailable` when the folder cannot be searched: that is no answer.
     */
    find: (mail: KnownMail): Promise<string | null> =>
      opened((client, path) => findCopy(client, path, mail, options)),
    /** Keeps a copy unless the provider did so itself. */
    keep: (raw: Buffer, mail: KnownMail): Promise<void> =>
      opened(async (client, path) => {
        if ((await findCopy(client, path, mail, options)) !== null) return;
        const appended = await client.append(path, raw, ["\\Seen"]);
        if (appended === false) throw new Error("the server did not take the copy");
      }),
  };
}

/** By its special use (RFC 6154) or its well-known name; null when there is none. */
export async function findFolder(client: ImapFlow, use: string): Promise<string | null> {
  const folders = await client.list();
  return folders.find(({ specialUse }) => specialUse === use)?.path ?? null;
}

/** The path of a folder, which may be named by its special use: each language has other names. Sent is made if need be. */
export async function folderPath(client: ImapFlow, folder: string): Promise<string> {
  if (!folder.startsWith("\\")) return folder;
  const path = await findFolder(client, folder);
  if (path !== null) return path;
  if (folder === "\\Sent") return (await client.mailboxCreate("Sent")).path;
  throw new Error(`the server names no folder as ${folder}`);
}

async function findCopy(
  client: ImapFlow,
  path: string,
  { messageId, proof }: KnownMail,
  { isRenamed }: Pick<Parameters<typeof sentFolder>[1], "isRenamed">,
): Promise<string | null> {
  await client.mailboxOpen(path, { readOnly: true });
  // A search for our own header is slow where the server keeps no index of it.
  const own = isRenamed ? [{ "x-deskhand-instance": proof }] : [];
  for (const header of [{ "message-id": messageId }, ...own]) {
    const found = await client.search({ header }, { uid: true });
    if (!Array.isArray(found))
      throw new DeskhandError("channel.unavailable", "the Sent folder cannot be searched");
    const [uid] = found;
    if (uid === undefined) continue;
    const copy = await client.fetchOne(String(uid), { envelope: true }, { uid: true });
    return (copy && copy.envelope?.messageId?.replace(/^<|>$/g, "")) || "";
  }
  return null;
}
