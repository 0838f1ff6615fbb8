import { setTimeout as delay } from "node:timers/promises";
import { App, SocketModeReceiver, type Receiver, type types } from "@slack/bolt";
import { z } from "zod";
import { DeskhandError, reasonOf } from "#core/errors.ts";
import type { Clock, Log } from "#core/ports.ts";
import { slackLogger } from "./calls.ts";
import type { Workspace } from "./workspace.ts";

/** How long a stop waits for clicks and deliveries in hand; Bolt's own stop waits for nothing. */
const DRAIN_MAX_MS = 10_000;
/** A socket that does not say goodbye is left behind after this. */
const GOODBYE_MAX_MS = 2_000;
const RECONNECT_MIN_MS = 250;
const RECONNECT_MAX_MS = 15_000;

/** Takes one event in; resolving permits the acknowledgement. */
type TakeEvent = (body: unknown, receivedAt: Date) => Promise<void>;

/** Adds the listeners of the desk to the app. */
export interface ClickListeners {
  /** `acknowledge` may be called once; without it Slack shows a failure to whoever clicked. */
  clicked(body: unknown, acknowledge: () => Promise<void>): Promise<void>;
  submitted(body: unknown, acknowledge: (answer?: SubmitAnswer) => Promise<void>): Promise<void>;
}

/** What a submitted modal is answered with: errors at its fields, or another view; without an answer it closes. */
export type SubmitAnswer =
  | { readonly response_action: "errors"; readonly errors: Record<string, string> }
  | { readonly response_action: "update"; readonly view: types.ModalView };

/** One Bolt app behind channel and desk. It runs while either of them is open. */
export interface SlackApp {
  openEvents(take: TakeEvent): Promise<void>;
  closeEvents(): Promise<void>;
  openClicks(listeners: ClickListeners): Promise<void>;
  closeClicks(): Promise<void>;
}

export interface SlackAppOptions {
  readonly botToken: string;
  readonly appToken: string;
  readonly apiUrl?: string;
  readonly workspace: Workspace;
  readonly clock: Clock;
  readonly log: Log;
}

/** Bolt over Socket Mode, with acknowledgement of events after they are stored and a drain of our own. */
export function slackApp(options: SlackAppOptions): SlackApp {
  const sides: { events: TakeEvent | null; clicks: ClickListeners | null } = {
    events: null,
    clicks: null,
  };
  const inHand = { events: new Set<Promise<unknown>>(), clicks: new Set<Promise<unknown>>() };
  let connection: Promise<Connection> | null = null;

  const dispatch = (app: App, envelope: Envelope): Promise<void> => {
    const { body } = envelope;
    const kind = body["type"] === "event_callback" ? "events" : "clicks";
    const work =
      kind === "events"
        ? takeEvent(sides.events, envelope, options)
        : app.processEvent({ body, ack: envelope.ack });
    const settled = work.catch((error: unknown) => {
      options.log.error("slack delivery failed", { kind, reason: reasonOf(error) });
    });
    inHand[kind].add(settled);
    return settled.finally(() => inHand[kind].delete(settled));
  };

  const ensureRunning = async (): Promise<void> => {
    connection ??= connect(options, () => sides.clicks, dispatch).catch((error: unknown) => {
      connection = null;
      throw error;
    });
    await connection;
  };

  const close = async (side: "events" | "clicks"): Promise<void> => {
    if (sides[side] === null) return;
    sides[side] = null;
    await Promise.race([Promise.all(inHand[side]), delay(DRAIN_MAX_MS, undefined, { ref: false })]);
    if (sides.events !== null || sides.clicks !== null || connection === null) return;
    const last = connection;
    connection = null;
    await (await last).close();
  };

  return {
    openEvents: async (take) => {
      sides.events = take;
      await ensureRunning();
    },
    closeEvents: () => close("events"),
    openClicks: async (listeners) => {
      sides.clicks = listeners;
      await ensureRunning();
    },
    closeClicks: () => close("clicks"),
  };
}

const Envelope = z.object({
  body: z.record(z.string(), z.unknown()),
  ack: z.custom<(answer?: unknown) => Promise<void>>((value) => typeof value === "function"),
});
type Envelope = z.infer<typeof Envelope>;

/**
 * Events are acknowledged after they were taken in, where Bolt alone would do it before: what is not acknowledged,
 * Slack delivers again.
 */
async function takeEvent(
  take: TakeEvent | null,
  { body, ack }: Envelope,
  { clock }: SlackAppOptions,
): Promise<void> {
  if (take === null) return;
  await take(body, clock.now());
  await ack();
}

interface Connection {
  close(): Promise<void>;
}

/** A new App and a new socket for every start: an App that was stopped and started again hears everything twice. */
async function connect(
  options: SlackAppOptions,
  clicks: () => ClickListeners | null,
  dispatch: (app: App, envelope: Envelope) => Promise<void>,
): Promise<Connection> {
  const { log } = options;
  const self = await options.workspace.self();
  const noReceiver: Receiver = {
    init: () => {},
    start: () => Promise.resolve(),
    stop: () => Promise.resolve(),
  };
  const app = new App({
    token: options.botToken,
    botUserId: self.userId,
    ...(self.botId === null ? {} : { botId: self.botId }),
    tokenVerificationEnabled: false,
    convoStore: false,
    receiver: noReceiver,
    logger: slackLogger(log),
  });
  listen(app, clicks, log);

  const stopping = new AbortController();
  const openSocket = (): SocketModeReceiver => {
    const socket = new SocketModeReceiver({
      appToken: options.appToken,
      // Bolt's own reconnection rejects without a listener when Slack refuses it; the loop below does it instead.
      autoReconnectEnabled: false,
      logger: slackLogger(log),
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
      if (envelope.success) void dispatch(app, envelope.data);
      else log.warn("slack sent an envelope of an unknown form");
    });
    return socket;
  };

  let socket = openSocket();
  await startSocket(socket);
  const kept = keepConnected(socket, openSocket, stopping.signal, log, (next) => {
    socket = next;
  });
  return {
    async close() {
      stopping.abort();
      const goodbye = socket.client.disconnect().catch(() => {});
      await Promise.race([goodbye, delay(GOODBYE_MAX_MS, undefined, { ref: false })]);
      await kept;
    },
  };
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

/** Opens a new socket whenever the last one ended, for as long as we run; waits longer while it fails. */
async function keepConnected(
  first: SocketModeReceiver,
  open: () => SocketModeReceiver,
  stopping: AbortSignal,
  log: Log,
  changed: (socket: SocketModeReceiver) => void,
): Promise<void> {
  let ended = endOf(first);
  let waitMs = RECONNECT_MIN_MS;
  for (;;) {
    await ended;
    if (stopping.aborted) return;
    log.warn("slack socket ended, connecting again", { waitMs });
    await delay(waitMs, undefined, { signal: stopping }).catch(() => {});
    if (stopping.aborted) return;
    const next = open();
    ended = endOf(next);
    changed(next);
    try {
      await startSocket(next);
      waitMs = RECONNECT_MIN_MS;
    } catch (error) {
      log.warn("slack socket could not be opened", { reason: reasonOf(error) });
      ended = Promise.resolve();
      waitMs = Math.min(waitMs * 2, RECONNECT_MAX_MS);
    }
  }
}

function endOf(socket: SocketModeReceiver): Promise<void> {
  return new Promise((resolve) => {
    socket.client.once("disconnected", () => {
      resolve();
    });
  });
}

/** One listener for each kind of thing; what it means is decided by the desk, which also answers the unknown. */
function listen(app: App, clicks: () => ClickListeners | null, log: Log): void {
  app.action(/.*/, async ({ ack, body }) => {
    const listeners = clicks();
    if (listeners === null) return;
    await listeners.clicked(body, () => ack());
  });
  app.view({ type: "view_submission", callback_id: /.*/ }, async ({ ack, body }) => {
    const listeners = clicks();
    if (listeners === null) return;
    await listeners.submitted(body, (answer) => (answer === undefined ? ack() : ack(answer)));
  });
  app.view({ type: "view_closed", callback_id: /.*/ }, async ({ ack }) => ack());
  app.shortcut(/.*/, async ({ ack }) => ack());
  app.options(/.*/, async ({ ack }) => ack({ options: [] }));
  app.command(/.*/, async ({ ack, body }) =>
    ack({ response_type: "ephemeral", text: `Deskhand has no command ${body.command}.` }),
  );
  app.error(async (error) => {
    log.error("slack listener failed", { reason: reasonOf(error) });
  });
}
