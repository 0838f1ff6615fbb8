/**
 * The support mailbox over IMAP, kept on disk.
 *
 * Each message is an `.eml` file; `index.json` says which folder it is in and with which flags. Both are written before
 * a delivery or an APPEND is acknowledged. At each start the mails are replayed under a new UIDVALIDITY, as a provider
 * does after a restore, so that a reader which trusts old UIDs is found out.
 */

import type { Server, Socket } from "node:net";
import { join } from "node:path";
import { z } from "zod";
import { type EmlFolder, arrivalOf, openEmlFolder } from "./people.ts";
import { listenHere, readIfThere, replaceFile } from "#sandbox/process/index.ts";
import type { EventEmitter } from "node:events";
import { createRequire } from "node:module";

/** The largest message taken, over SMTP and APPEND alike, in bytes. */
export const MESSAGE_BYTES_MAX = 50 * 1024 * 1024;

const CHANGING = new Set([
  "STORE",
  "EXPUNGE",
  "MOVE",
  "COPY",
  "CREATE",
  "DELETE",
  "RENAME",
  "CLOSE",
]);
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

const Index = z.object({
  uidvalidity: z.int().default(0),
  folders: z
    .record(z.string(), z.array(z.object({ file: z.string(), flags: z.array(z.string()) })))
    .default({}),
});
type Index = z.infer<typeof Index>;

/** The running mailbox. */
export type SupportMailbox = Awaited<ReturnType<typeof startSupportMailbox>>;

/** A moment in the date-time form of IMAP (RFC 3501, 9), in UTC. */
function imapDate(moment: Date): string {
  const day = String(moment.getUTCDate()).padStart(2, " ");
  const time = moment.toISOString().slice(11, 19);
  return `${day}-${MONTHS[moment.getUTCMonth()] ?? "Jan"}-${moment.getUTCFullYear()} ${time} +0000`;
}

/** Turns the index into the server's folders. */
function replay(index: Index, files: EmlFolder): Map<string, ImapMessage[]> {
  const present = new Set(files.list());
  const folders = new Map<string, ImapMessage[]>([
    ["INBOX", []],
    ["Sent", []],
  ]);
  for (const [path, messages] of Object.entries(index.folders)) {
    const kept = messages.filter((message) => present.has(message.file));
    folders.set(
      path,
      kept.map(({ file, flags }) => ({
        raw: files.read(file).toString("latin1"),
        flags,
        internaldate: imapDate(arrivalOf(file)),
        file,
      })),
    );
  }
  return folders;
}

/**
 * Writes what the server holds now, and deletes the files it does not hold: of messages that are gone, and of those a
 * killed process had written but not yet acknowledged.
 */
function persist(server: Hoodiecrow, files: EmlFolder, index: Index, path: string): void {
  const gone = new Set(files.list());
  index.folders = {};
  for (const [name, mailbox] of Object.entries(server.folderCache)) {
    // A folder made by CREATE starts at UIDVALIDITY 1, which it would have after the next restart as well.
    mailbox.uidvalidity = index.uidvalidity;
    index.folders[name] = mailbox.messages.flatMap(({ file, flags }) => {
      if (file === undefined) return [];
      gone.delete(file);
      return [{ file, flags }];
    });
  }
  replaceFile(path, JSON.stringify(index));
  for (const file of gone) files.remove(file);
}

/** Makes every APPEND, COPY, MOVE and delivery write its file first; too large a message is refused. */
function keepAppends(
  server: Hoodiecrow,
  files: EmlFolder,
  now: () => Date,
  save: () => void,
): void {
  const append = server.appendMessage.bind(server);
  server.appendMessage = (mailbox, flags, internaldate, raw, except) => {
    if (raw.length > MESSAGE_BYTES_MAX)
      throw new Error("[TOOBIG] the message is larger than 50 MB");
    const given = internaldate === undefined ? Number.NaN : Date.parse(internaldate);
    const at = Number.isNaN(given) ? now() : new Date(given);
    const file = files.append(Buffer.from(raw, "latin1"), at);
    const appended = append(mailbox, flags, internaldate ?? imapDate(at), raw, except);
    appended.message.file = file;
    save();
    return appended;
  };
}

/** Starts the mailbox on a free port of 127.0.0.1. */
export async function startSupportMailbox(options: {
  directory: string;
  user: string;
  pass: string;
  now: () => Date;
}) {
  const files = openEmlFolder(options.directory);
  const path = join(options.directory, "index.json");
  const index = Index.parse(JSON.parse(readIfThere(path) ?? "{}"));
  // Seconds of the clock, as real servers do it, but always more than last time.
  const uidvalidity = Math.max(index.uidvalidity + 1, Math.floor(options.now().getTime() / 1000));
  index.uidvalidity = uidvalidity;
  const folders = replay(index, files);
  const seed = (messages: ImapMessage[]) => ({ uidvalidity, messages });
  const others = [...folders].filter(([name]) => name !== "INBOX");
  const server = createHoodiecrow({
    user: options.user,
    pass: options.pass,
    inbox: seed(folders.get("INBOX") ?? []),
    folders: Object.fromEntries(
      others.map(([name, list]) => [
        name,
        { ...seed(list), ...(name === "Sent" ? { "special-use": "\\Sent" } : {}) },
      ]),
    ),
    after: (command) => {
      if (CHANGING.has(command.replace(/^UID /u, ""))) save();
    },
  });
  const save = () => {
    persist(server, files, index, path);
  };
  keepAppends(server, files, options.now, save);
  save();
  const sockets = new Set<Socket>();
  server.server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    // The package answers in several small writes, which would otherwise wait for each other on the wire.
    socket.setNoDelay(true);
    socket.on("close", () => sockets.delete(socket));
  });
  const { port, close } = await listenHere(server.server);
  // From here on an error is about one connection, such as too many open files; it must not end the process.
  server.server.on("error", () => {});
  return {
    port,
    /** Puts a mail into the inbox and tells idling clients; returns the file that keeps it. */
    deliver: (raw: Buffer, at: Date): string =>
      server.appendMessage("INBOX", [], imapDate(at), raw.toString("latin1")).message.file ?? "",
    /** The files of the inbox in its order. */
    list: () => (server.getMailbox("INBOX")?.messages ?? []).flatMap(({ file }) => file ?? []),
    read: (file: string) => files.read(file),
    close: async () => {
      const closed = close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

// The old IMAP server we embed, seen through the few members we use. It speaks in callbacks, has no types, and stops a
// connection for good when one of its handlers throws. That is mended from outside: a throwing handler answers NO and the
// connection goes on, and IDLE leaves no half-hour timer behind when its connection goes away.

/** A message as the server holds it: `raw` has one character for each byte. */
interface ImapMessage {
  raw: string;
  flags: string[];
  internaldate: string;
  uid?: number;
  /** Ours: the file that keeps it. */
  file?: string;
}

/** A folder as the server holds it. */
interface ImapMailbox {
  path: string;
  uidvalidity: number;
  messages: ImapMessage[];
}

interface ParsedCommand {
  readonly tag: string;
  readonly command: string;
}

interface Connection {
  readonly state: string;
  readonly socket: Socket | null;
  directNotifications: boolean;
  inputHandler: false | ((line: string) => void);
  processNotifications(): void;
  send(response: object, description: string, parsed: ParsedCommand, data: string): void;
}

type CommandHandler = (
  connection: Connection,
  parsed: ParsedCommand,
  data: string,
  done: () => void,
) => void;

/** The members of the server we use. */
export interface Hoodiecrow extends EventEmitter {
  readonly server: Server;
  readonly folderCache: Record<string, ImapMailbox>;
  getMailbox(path: string): ImapMailbox | undefined;
  getCommandHandler: (command: string) => CommandHandler | false;
  registerCapability(name: string): void;
  setCommandHandler(command: string, handler: CommandHandler): void;
  appendMessage: (
    mailbox: ImapMailbox | string,
    flags: string[],
    internaldate: string | undefined,
    raw: string,
    except?: Connection,
  ) => { mailbox: ImapMailbox; message: ImapMessage };
}

type Plugin = string | ((server: Hoodiecrow) => void);
type SeedMailbox = Omit<ImapMailbox, "path"> & { "special-use"?: string };

const PLUGINS: readonly string[] = [
  "ID",
  "ENABLE",
  "CONDSTORE",
  "UIDPLUS",
  "MOVE",
  "UNSELECT",
  "NAMESPACE",
  "SPECIAL-USE",
  "LITERALPLUS",
  "SASL-IR",
  "AUTH-PLAIN",
];

const require = createRequire(import.meta.url);

// The package's main file loads neither its command line nor its SMTP bridge, whose own dependencies are left out.
const build: (options: {
  plugins: Plugin[];
  users: Record<string, { password: string }>;
  storage: { INBOX: SeedMailbox; "": { folders: Record<string, SeedMailbox> } };
}) => Hoodiecrow = require("hoodiecrow-imap");

/** A status line for a command that is handled here. */
function answer(
  connection: Connection,
  { parsed, data }: { readonly parsed: ParsedCommand; readonly data: string },
  command: "OK" | "NO" | "BAD",
  value: string,
): void {
  const line = { tag: parsed.tag, command, attributes: [{ type: "TEXT", value }] };
  // Plugins add to answers by their description, such as APPEND, and what they would add does not exist here.
  connection.send(line, "HANDLED HERE", parsed, data);
}

/** RFC 2177, without the package's timer: a client that vanishes ends with its socket. */
function idle(server: Hoodiecrow): void {
  server.registerCapability("IDLE");
  server.setCommandHandler("IDLE", (connection, parsed, data, done) => {
    const asked = { parsed, data };
    if (connection.state === "Not Authenticated") {
      answer(connection, asked, "NO", "Log in first");
      done();
      return;
    }
    connection.directNotifications = true;
    connection.inputHandler = (line) => {
      connection.inputHandler = false;
      connection.directNotifications = false;
      const isDone = line.trim().toUpperCase() === "DONE";
      answer(connection, asked, isDone ? "OK" : "BAD", "IDLE ended");
    };
    connection.socket?.write("+ idling\r\n");
    connection.processNotifications();
    done();
  });
}

function answerOnce(handler: CommandHandler, after: (command: string) => void): CommandHandler {
  return (connection, parsed, data, done) => {
    let finished = false;
    const finish = () => {
      if (finished) return;
      finished = true;
      done();
    };
    try {
      handler(connection, parsed, data, finish);
      after(parsed.command.toUpperCase());
    } catch (error) {
      const reason = error instanceof Error ? error.message : "server error";
      answer(connection, { parsed, data }, "NO", reason);
      finish();
    }
  };
}

/**
 * Builds the server for one user and these folders (it keeps one storage for all its users, so one mailbox is one
 * server). `after` is called with the name of each command that was handled.
 */
export function createHoodiecrow(options: {
  user: string;
  pass: string;
  inbox: SeedMailbox;
  folders: Record<string, SeedMailbox>;
  after: (command: string) => void;
}): Hoodiecrow {
  const server = build({
    plugins: [...PLUGINS, idle],
    users: { [options.user]: { password: options.pass } },
    storage: { INBOX: options.inbox, "": { folders: options.folders } },
  });
  // Each session listens for notifications on the server; twenty sessions are no leak.
  server.setMaxListeners(0);
  const lookUp = server.getCommandHandler.bind(server);
  server.getCommandHandler = (command) => {
    const handler = lookUp(command);
    return handler === false ? false : answerOnce(handler, options.after);
  };
  return server;
}
