/**
 * Room: how Slack's payloads reach us. This file gives each to the channel or to the desk, and takes signed requests in.
 * In: payloads by Socket Mode or by signed requests.
 * Out: events for the channel, clicks and commands for the desk, acknowledgements for Slack.
 * May touch: the connection to Slack.
 */
import { setTimeout as delay } from "node:timers/promises";
import { createHmac } from "node:crypto";
import { z } from "zod";
import type { types } from "@slack/bolt";
import { DeskhandError, reasonOf, readAs } from "#core/values/errors.ts";
import type { DutyLease, Log } from "#core/contracts/ports.ts";
import { HomeOpened, MessageDeleted } from "#slack/api/schema.ts";
import type { Workspace, ClaimedPerson } from "#slack/api/workspace.ts";
import type { SlackRoom } from "#slack/api/post-once.ts";
import { bodyJson, type Delivery, type InboundHandler } from "#core/contracts/channel.ts";
import { isSameText } from "#core/connection/signing-keys.ts";
import { Json } from "#core/values/canonical-json.ts";

/** One payload from Slack, and the function that acknowledges it, with an answer where Slack waits for one. */
export const Envelope = z.object({
  body: z.record(z.string(), z.unknown()),
  ack: z.custom<(answer?: unknown) => Promise<void>>((value) => typeof value === "function"),
});
/** The lease is that of the socket it came by; left out for a request. */
export type Envelope = z.infer<typeof Envelope> & Pick<Delivery, "lease">;

/** Resolves when a payload is fully handled, which may be long after its acknowledgement. Rejects on failure. */
export type Deliver = (envelope: Envelope) => Promise<void>;

/** How payloads reach us: by our socket, or by requests from Slack. */
export interface SlackTransport {
  /** Hands every payload to `deliver` until it is closed; resolves once payloads can arrive. */
  open(deliver: Deliver, listening: Listening): Promise<{ close(): Promise<void> }>;
}

/** Told whenever payloads begin to arrive, with the lease of their socket; what it gives is called when they no longer do. */
export type Listening = (lease: DutyLease | null) => () => void;

/** What the desk does with clicks, submitted forms and commands. */
export interface ClickListeners {
  /** `acknowledge` may be called once; without it Slack shows the person a failure. */
  clicked(body: unknown, acknowledge: () => Promise<void>): Promise<void>;
  submitted(body: unknown, acknowledge: (answer?: SubmitAnswer) => Promise<void>): Promise<void>;
  /** A slash command; the person is answered after the acknowledgement. */
  commanded(body: unknown, acknowledge: () => Promise<void>): Promise<void>;
  /** A person opened the app's own page. */
  homeOpened(person: ClaimedPerson): Promise<void>;
  /** The message at this ref was deleted. */
  messageGone(ref: string): Promise<void>;
}

/** The answer to a submitted modal: errors at its fields, or another view; without an answer it closes. */
export type SubmitAnswer =
  | { readonly response_action: "errors"; readonly errors: Record<string, string> }
  | { readonly response_action: "update"; readonly view: types.ModalView };

/** How long a stop waits for unfinished clicks and deliveries. */
const DRAIN_MAX_MS = 10_000;

/** Takes one event in; resolving permits the acknowledgement. */
export type TakeEvent = (
  body: unknown,
  arrived: Pick<Delivery, "receivedAt" | "lease">,
) => Promise<void>;

/** One connection behind channel and desk. It is open while either of them is. */
export type SlackApp = ReturnType<typeof slackApp>;

/** Events are acknowledged after they are stored, clicks before they are worked on; a stop waits for unfinished work. */
export function slackApp(room: SlackRoom, transport: SlackTransport) {
  const sides: { events: TakeEvent | null; clicks: ClickListeners | null } = {
    events: null,
    clicks: null,
  };
  const sockets = openSockets();
  const inHand = { events: new Set<Promise<unknown>>(), clicks: new Set<Promise<unknown>>() };
  let connection: Promise<{ close(): Promise<void> }> | null = null;

  const dispatch = async (envelope: Envelope): Promise<void> => {
    const { body } = envelope;
    const home = HomeOpened.safeParse(body).data;
    // Without a listening desk there is no card to miss.
    const gone = sides.clicks === null ? undefined : MessageDeleted.safeParse(body).data;
    const isOurs = home !== undefined || gone !== undefined;
    const kind = body["type"] === "event_callback" && !isOurs ? "events" : "clicks";
    if (sides[kind] === null)
      throw new DeskhandError("channel.unavailable", `Slack's ${kind} are not taken in right now`);
    const work =
      kind === "events"
        ? takeEvent(sides.events, envelope, room)
        : home !== undefined
          ? openHome(sides.clicks, envelope, home)
          : gone !== undefined
            ? reportDeleted(sides.clicks, envelope, gone)
            : takeClick(sides.clicks, envelope, room.log);
    inHand[kind].add(work);
    try {
      await work;
    } finally {
      inHand[kind].delete(work);
    }
  };

  const connect = async () => {
    // Our identity is read ahead of the first click; if Slack is away, its requests are still accepted.
    room.workspace.self().catch((error: unknown) => {
      room.log.warn("slack does not say who we are", { reason: reasonOf(error) });
    });
    return transport.open(dispatch, sockets.opened);
  };

  const ensureRunning = async (): Promise<void> => {
    connection ??= connect().catch((error: unknown) => {
      connection = null;
      throw error;
    });
    await connection;
  };

  const close = async (side: "events" | "clicks"): Promise<void> => {
    if (sides[side] === null) return;
    sides[side] = null;
    if (side === "events") sockets.tell(null);
    const all = Promise.allSettled(inHand[side]);
    await Promise.race([all, delay(DRAIN_MAX_MS, undefined, { ref: false })]);
    if (sides.events !== null || sides.clicks !== null || connection === null) return;
    const last = connection;
    connection = null;
    await (await last).close();
  };

  return {
    openEvents: async (take: TakeEvent, listening: Listening) => {
      sides.events = take;
      sockets.tell(listening);
      await ensureRunning();
    },
    closeEvents: () => close("events"),
    openClicks: async (listeners: ClickListeners) => {
      sides.clicks = listeners;
      await ensureRunning();
    },
    closeClicks: () => close("clicks"),
  };
}

/** The sockets by which payloads arrive: the channel is told of each, also of one that the desk opened before it. */
function openSockets() {
  const open = new Set<{ readonly lease: DutyLease | null; silent: (() => void) | null }>();
  let listening: Listening | null = null;
  const opened: Listening = (lease) => {
    const socket = { lease, silent: listening?.(lease) ?? null };
    open.add(socket);
    return () => {
      open.delete(socket);
      socket.silent?.();
    };
  };
  return {
    opened,
    tell(next: Listening | null): void {
      listening = next;
      for (const socket of open) {
        socket.silent?.();
        socket.silent = next?.(socket.lease) ?? null;
      }
    },
  };
}

/**
 * The desk interprets what was pressed, sent or typed, and also answers what it does not know; the rest is only
 * acknowledged. An installation may have renamed the command, so every command that reaches us is ours.
 */
async function takeClick(
  clicks: ClickListeners | null,
  { body, ack }: Envelope,
  log: Log,
): Promise<void> {
  const kind = typeof body["command"] === "string" ? "command" : body["type"];
  try {
    if (kind === "block_actions") await clicks?.clicked(body, ack);
    else if (kind === "view_submission") await clicks?.submitted(body, ack);
    else if (kind === "command") await clicks?.commanded(body, ack);
    else if (kind === "block_suggestion") await ack({ options: [] });
    else await ack();
  } catch (error) {
    log.error("slack listener failed", { reason: reasonOf(error) });
  }
}

/** Nothing is lost with it, so it is acknowledged at once, like a click. */
async function openHome(
  clicks: ClickListeners | null,
  { ack }: Envelope,
  { team_id, event: { user, tab } }: z.infer<typeof HomeOpened>,
): Promise<void> {
  await ack();
  if (tab != null && tab !== "home") return;
  const teams = team_id == null ? [] : [team_id];
  await clicks?.homeOpened({ userId: user, name: user, teams });
}

/** A deleted card still has to be decided. Other deleted messages do not concern the desk. */
async function reportDeleted(
  clicks: ClickListeners | null,
  { ack }: Envelope,
  { event: { channel, deleted_ts } }: z.infer<typeof MessageDeleted>,
): Promise<void> {
  await ack();
  await clicks?.messageGone(`${channel}:${deleted_ts}`);
}

/**
 * Events are acknowledged only after they were taken in, since Slack delivers
 * unacknowledged events again. An invalid event is acknowledged too, since a retry would not help.
 */
async function takeEvent(
  take: TakeEvent | null,
  { body, ack, lease = null }: Envelope,
  { workspace, clock, log }: SlackRoom,
): Promise<void> {
  if (take === null) return;
  if (await isOfOtherWorkspace(body, workspace, log))
    log.warn("slack sent an event of another workspace");
  else
    try {
      await take(body, { receivedAt: clock.now(), lease });
    } catch (error) {
      if (!(error instanceof DeskhandError) || !error.code.startsWith("input.")) throw error;
      log.warn("slack sent an event that is none", { reason: reasonOf(error) });
    }
  await ack();
}

/** The workspaces an event names: where it happened, and those whose installation of the app it is for. */
const Teams = z.object({
  team_id: z.string().nullish(),
  authorizations: z.array(z.object({ team_id: z.string().nullish() })).nullish(),
});

/** One app can be installed in several workspaces; messages in a workspace that is not ours are ignored. */
async function isOfOtherWorkspace(body: unknown, workspace: Workspace, log: Log): Promise<boolean> {
  const { success, data } = Teams.safeParse(body);
  if (!success || data.team_id == null) return false;
  let ours: string;
  try {
    ours = (await workspace.self()).teamId;
  } catch (error) {
    // An event of unknown origin is stored rather than lost; reading it later is refused if it is not ours.
    log.warn("slack does not say which workspace is ours", { reason: reasonOf(error) });
    return false;
  }
  const named = [data.team_id, ...(data.authorizations ?? []).map(({ team_id }) => team_id)];
  return !named.includes(ours);
}

/**
 * How far a signature's time may differ from ours, in either direction. Slack's guide ("Verifying requests from Slack")
 * checks only the past; a time in the future would let a signature be used for longer than these minutes.
 */
const APART_MAX_MS = 5 * 60_000;

/**
 * Checks that a delivery comes from Slack: HMAC-SHA256 over `v0:time:body` with the app's signing secret (Slack's guide
 * "Verifying requests from Slack"). Any of the secrets will do, since two are in use while one is being replaced.
 * Throws `input.unverified`; only our log says which part was wrong, in fixed sentences.
 */
export function verifySignature(
  { headers, body, receivedAt }: Delivery,
  secrets: readonly string[],
): void {
  const time = headers["x-slack-request-timestamp"] ?? "";
  const given = headers["x-slack-signature"] ?? "";
  if (!/^\d{1,12}$/.test(time) || given === "")
    throw new DeskhandError("input.unverified", "the delivery is not signed");
  if (Math.abs(receivedAt.getTime() - Number(time) * 1_000) > APART_MAX_MS)
    throw new DeskhandError(
      "input.unverified",
      "the delivery was signed more than five minutes away from now",
    );
  const matches = secrets.map((secret) => isSameText(given, requestSignature(secret, time, body)));
  if (!matches.includes(true))
    throw new DeskhandError("input.unverified", "the signature is not made with the app's secret");
}

function requestSignature(secret: string, time: string, body: Uint8Array): string {
  return `v0=${createHmac("sha256", secret).update(`v0:${time}:`).update(body).digest("hex")}`;
}

const Body = z.record(z.string(), z.unknown());

/** Sent once when the request URL is entered in the app's settings (Events API, `url_verification`). */
const UrlVerification = z.object({ type: z.literal("url_verification"), challenge: z.string() });

/**
 * Slack's signed requests. Events, clicks, forms and commands are told apart by their content, so any number of
 * addresses may lead here.
 */
export function httpTransport(options: {
  readonly signingSecrets: readonly string[];
  readonly log: Log;
}): SlackTransport & { readonly inbound: InboundHandler } {
  const open: { deliver: Deliver | null } = { deliver: null };
  return {
    open: async (deliver, listening) => {
      open.deliver = deliver;
      const silent = listening(null);
      return {
        close: async () => {
          open.deliver = null;
          silent();
        },
      };
    },
    inbound: {
      async receive(delivery) {
        verifySignature(delivery, options.signingSecrets);
        const body = slackRequestBody(delivery);
        const asked = UrlVerification.safeParse(body);
        if (asked.success) return { challenge: asked.data.challenge };
        // Slack checks from time to time whether a command's address has a valid certificate.
        if (body["ssl_check"] === "1") return null;
        if (open.deliver === null)
          throw new DeskhandError("channel.unavailable", "Slack is not listened to at the moment");
        return answerTo(open.deliver, body, options.log);
      },
    },
  };
}

/** JSON for events; a form for the others, whose field `payload` is JSON unless it is a command. */
function slackRequestBody(delivery: Delivery): z.infer<typeof Body> {
  const isForm = (delivery.headers["content-type"] ?? "").startsWith(
    "application/x-www-form-urlencoded",
  );
  if (!isForm) return slackPayload(bodyJson(delivery.body));
  const fields = new URLSearchParams(new TextDecoder().decode(delivery.body));
  const payload = fields.get("payload");
  if (payload === null) return Object.fromEntries(fields);
  return slackPayload(bodyJson(new TextEncoder().encode(payload)));
}

function slackPayload(value: unknown): z.infer<typeof Body> {
  return readAs(Body, value, "input.invalid", "not a payload of Slack");
}

/**
 * Answers when the payload is acknowledged, or when it was handled without an acknowledgement; later errors are only
 * logged.
 */
function answerTo(deliver: Deliver, body: z.infer<typeof Body>, log: Log): Promise<Json | null> {
  const answer = Promise.withResolvers<Json | null>();
  const acknowledged = { is: false };
  const work = deliver({
    body,
    ack: async (given) => {
      acknowledged.is = true;
      answer.resolve(given === undefined ? null : Json.parse(given));
    },
  });
  work.then(
    () => answer.resolve(null),
    (error: unknown) => {
      if (acknowledged.is) log.error("slack delivery failed", { reason: reasonOf(error) });
      else answer.reject(error);
    },
  );
  return answer.promise;
}
