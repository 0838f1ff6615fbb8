/**
 * The support mailbox over IMAP, kept on disk.
 *
 * Each message is an `.eml` file; `index.json` says which folder it is in and with which flags. Both are written before
 * a delivery or an APPEND is acknowledged. At each start the mails are replayed under a new UIDVALIDITY, as a provider
 * does after a restore, so that a reader which trusts old UIDs is found out.
 */

import type { Socket } from "node:net";
import { join } from "node:path";
import { z } from "zod";
import { createHoodiecrow, type Hoodiecrow, type ImapMessage } from "./hoodiecrow.ts";
import { arrivalOf, openEmlFolder, type EmlFolder } from "./people.ts";
import { listenHere, readIfThere, replaceFile } from "#sandbox/process/index.ts";

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
  uidvalidity: z.int(),
  folders: z.record(
    z.string(),
    z.array(z.object({ file: z.string(), flags: z.array(z.string()) })),
  ),
});
type Index = z.infer<typeof Index>;

/** The running mailbox. */
export interface SupportMailbox {
  readonly port: number;
  /** Puts a mail into the inbox and tells idling clients; returns the file that keeps it. */
  deliver(raw: Buffer, at: Date): string;
  /** The files of the inbox in its order. */
  inbox(): string[];
  read(file: string): Buffer;
  close(): Promise<void>;
}

/** A moment in the date-time form of IMAP (RFC 3501, 9), in UTC. */
function imapDate(moment: Date): string {
  const day = String(moment.getUTCDate()).padStart(2, " ");
  const time = moment.toISOString().slice(11, 19);
  return `${day}-${MONTHS[moment.getUTCMonth()] ?? "Jan"}-${moment.getUTCFullYear()} ${time} +0000`;
}

function readIndex(path: string): Index {
  const kept = readIfThere(path);
  return kept === undefined ? { uidvalidity: 0, folders: {} } : Index.parse(JSON.parse(kept));
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
}): Promise<SupportMailbox> {
  const files = openEmlFolder(options.directory);
  const path = join(options.directory, "index.json");
  const index = readIndex(path);
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
    deliver: (raw, at) =>
      server.appendMessage("INBOX", [], imapDate(at), raw.toString("latin1")).message.file ?? "",
    inbox: () => (server.getMailbox("INBOX")?.messages ?? []).flatMap(({ file }) => file ?? []),
    read: (file) => files.read(file),
    close: async () => {
      const closed = close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
