/** Connects to Slack by Socket Mode. */

import { setTimeout as delay } from "node:timers/promises";
import { SocketModeReceiver } from "@slack/bolt";
import {
  type ConnectionBoard,
  type ConnectionReport,
  NO_REPORT,
} from "#core/connection/connection-board.ts";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import type { Log } from "#core/contracts/ports.ts";
import { type CallOptions, slackLogger } from "#slack/api/web-api.ts";
import { Envelope, type Deliver, type Listening, type SlackTransport } from "./slack-app.ts";

/** A socket that does not close properly is abandoned after this. */
const GOODBYE_MAX_MS = 2_000;
const RECONNECT_MIN_MS = 250;
const RECONNECT_MAX_MS = 15_000;

/** How the socket is opened. */
export interface SocketOptions extends Omit<CallOptions, "botToken"> {
  readonly appToken: string;
  /** What the socket connects with, behind a proxy. */
  readonly dispatcher?:
    | ConstructorParameters<typeof SocketModeReceiver>[0]["dispatcher"]
    | undefined;
  /** Where the socket reports whether it is open. */
  readonly board?: ConnectionBoard | undefined;
}

/**
 * Socket Mode: we connect to Slack, so that nothing has to reach us from outside. Reconnects for as long as it is open.
 */
export function socketTransport(options: SocketOptions): SlackTransport {
  const { log } = options;
  return {
    async open(deliver, listening) {
      const stopping = new AbortController();
      const openSocket = (): SocketModeReceiver => socketTo(options, deliver);
      const board = options.board?.of("Slack's socket", "slack") ?? NO_REPORT;
      const report = heardWith(board, () => listening(null));
      let socket = openSocket();
      await startSocket(socket);
      report.up();
      const kept = keepConnected(socket, openSocket, stopping.signal, { log, report }, (next) => {
        socket = next;
      });
      return {
        async close() {
          stopping.abort();
          const goodbye = socket.client.disconnect().catch(() => {});
          await Promise.race([goodbye, delay(GOODBYE_MAX_MS, undefined, { ref: false })]);
          await kept;
          report.end();
        },
      };
    },
  };
}

/** The same report, which tells as well while payloads arrive. */
function heardWith(report: ConnectionReport, listening: () => ReturnType<Listening>) {
  let silent = (): void => {};
  return {
    up(): void {
      silent = listening();
      report.up();
    },
    down(reason: string): void {
      silent();
      report.down(reason);
    },
    end(): void {
      silent();
      report.end();
    },
  };
}

function socketTo(options: SocketOptions, deliver: Deliver): SocketModeReceiver {
  const { log } = options;
  const socket = new SocketModeReceiver({
    appToken: options.appToken,
    // Bolt's own reconnection rejects without a listener when Slack refuses it; the loop below does it instead.
    autoReconnectEnabled: false,
    logger: slackLogger(log),
    ...(options.dispatcher === undefined ? {} : { dispatcher: options.dispatcher }),
    installerOptions: {
      clientOptions: {
        timeout: 10_000,
        retryConfig: { retries: 0 },
        ...(options.apiUrl === undefined ? {} : { slackApiUrl: options.apiUrl }),
      },
    },
  });
  socket.client.on("slack_event", (raw: unknown) => {
    const envelope = Envelope.safeParse(raw);
    if (!envelope.success) {
      log.warn("slack sent an envelope of an unknown form");
      return;
    }
    // Slack delivers unacknowledged payloads again.
    deliver(envelope.data).catch((error: unknown) => {
      log.error("slack delivery failed", { reason: reasonOf(error) });
    });
  });
  return socket;
}

async function startSocket(socket: SocketModeReceiver): Promise<void> {
  try {
    await socket.start();
  } catch (cause) {
    throw new DeskhandError("channel.unavailable", "Slack's Socket Mode cannot be reached", {
      cause,
    });
  }
}

/** Opens a new socket whenever the last one ended, until it is stopped; waits longer while it fails. */
async function keepConnected(
  first: SocketModeReceiver,
  open: () => SocketModeReceiver,
  stopping: AbortSignal,
  { log, report }: { readonly log: Log; readonly report: ConnectionReport },
  changed: (socket: SocketModeReceiver) => void,
): Promise<void> {
  let ended = disconnection(first);
  let waitMs = RECONNECT_MIN_MS;
  for (;;) {
    await ended;
    if (stopping.aborted) return;
    report.down("ended, connecting again");
    log.warn("slack socket ended, connecting again", { waitMs });
    await delay(waitMs, undefined, { signal: stopping }).catch(() => {});
    if (stopping.aborted) return;
    const next = open();
    ended = disconnection(next);
    changed(next);
    try {
      await startSocket(next);
      report.up();
      waitMs = RECONNECT_MIN_MS;
    } catch (error) {
      report.down(reasonOf(error));
      log.warn("slack socket could not be opened", { reason: reasonOf(error) });
      ended = Promise.resolve();
      waitMs = Math.min(waitMs * 2, RECONNECT_MAX_MS);
    }
  }
}

function disconnection(socket: SocketModeReceiver): Promise<void> {
  return new Promise((resolve) => {
    socket.client.once("disconnected", () => {
      resolve();
    });
  });
}
