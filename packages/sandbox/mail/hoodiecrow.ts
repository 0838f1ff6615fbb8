/**
 * The old IMAP server we embed, seen through the few members we use.
 *
 * hoodiecrow-imap speaks in callbacks, has no types, and stops a connection for good when one of its handlers throws.
 * `createHoodiecrow` mends that from outside: a throwing handler answers NO and the connection goes on, and IDLE leaves no
 * half-hour timer behind when its connection goes away.
 */

import type { EventEmitter } from "node:events";
import { createRequire } from "node:module";
import type { Server, Socket } from "node:net";

/** A message as the server holds it: `raw` has one character for each byte. */
export interface ImapMessage {
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

function text(value: string): object[] {
  return [{ type: "TEXT", value }];
}

/** RFC 2177, without the package's timer: a client that vanishes ends with its socket. */
function idle(server: Hoodiecrow): void {
  server.registerCapability("IDLE");
  server.setCommandHandler("IDLE", (connection, parsed, data, done) => {
    if (connection.state === "Not Authenticated") {
      connection.send(
        { tag: parsed.tag, command: "NO", attributes: text("Log in first") },
        "IDLE",
        parsed,
        data,
      );
      done();
      return;
    }
    connection.directNotifications = true;
    connection.inputHandler = (line) => {
      connection.inputHandler = false;
      connection.directNotifications = false;
      const command = line.trim().toUpperCase() === "DONE" ? "OK" : "BAD";
      connection.send(
        { tag: parsed.tag, command, attributes: text("IDLE ended") },
        "IDLE",
        parsed,
        data,
      );
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
      connection.send(
        { tag: parsed.tag, command: "NO", attributes: text(reason) },
        "FAILED",
        parsed,
        data,
      );
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
