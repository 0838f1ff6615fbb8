import { ImapFlow } from "imapflow";
import { reasonOf } from "#core/errors.ts";

/** Of the words of a server, in characters. */
const SAID_MAX = 200;

/** One IMAP account. */
export interface ImapServer {
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
  readonly user: string;
  readonly pass: string;
}

/** How long the two ends may be silent, in milliseconds. */
export interface ImapTimeouts {
  /** A dead connection is noticed within twice this time: first a NOOP is tried, then it counts as broken. */
  readonly socketMs: number;
  readonly connectMs: number;
}

/** Gmail drops an IDLE after about ten minutes, and RFC 2177 wants it renewed before 29. */
const IDLE_MAX_MS = 4 * 60_000;

/** A connection that is not open yet; it never comes back after an error, so each attempt makes a new one. */
export function imapClient(server: ImapServer, timeouts: ImapTimeouts): ImapFlow {
  const client = new ImapFlow({
    host: server.host,
    port: server.port,
    secure: server.secure,
    auth: { user: server.user, pass: server.pass },
    logger: false,
    socketTimeout: timeouts.socketMs,
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

/** What went wrong, with what the server said: by itself the error only says that a command failed. */
export function imapReason(error: unknown): string {
  const said =
    error instanceof Error && "responseText" in error && typeof error.responseText === "string"
      ? error.responseText.slice(0, SAID_MAX)
      : "";
  return said === "" ? reasonOf(error) : `${reasonOf(error)}: ${said}`;
}
