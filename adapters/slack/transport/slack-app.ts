/**
 * Room: how Slack's payloads reach us. This file gives each to the channel or to the desk.
 * In: payloads by Socket Mode or by signed requests.
 * Out: events for the channel, clicks and commands for the desk, acknowledgements for Slack.
 * May touch: the connection to Slack.
 */

import { z } from "zod";
import type { Delivery } from "#core/values/delivery.ts";
import { setTimeout as delay } from "node:timers/promises";
import type { types } from "@slack/bolt";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import type { Log } from "#core/contracts/ports.ts";
import { HomeOpened, MessageDeleted } from "#slack/api/schema.ts";
import type { Workspace, ClaimedPerson } from "#slack/api/workspace.ts";
import type { SlackRoom } from "#slack/room.ts";

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
  open(deliver: Deliver): Promise<{ close(): Promise<void> }>;
}

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
type TakeEvent = (body: unknown, arrived: Pick<Delivery, "receivedAt" | "lease">) => Promise<void>;

/** One connection behind channel and desk. It is open while either of them is. */
export interface SlackApp {
  openEvents(take: TakeEvent): Promise<void>;
  closeEvents(): Promise<void>;
  openClicks(listeners: ClickListeners): Promise<void>;
  closeClicks(): Promise<void>;
}

/** Events are acknowledged after they are stored, clicks before they are worked on; a stop waits for unfinished work. */
export function slackApp(room: SlackRoom, transport: SlackTransport): SlackApp {
  const sides: { events: TakeEvent | null; clicks: ClickListeners | null } = {
    events: null,
    clicks: null,
  };
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
    return transport.open(dispatch);
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
    const all = Promise.allSettled(inHand[side]);
    await Promise.race([all, delay(DRAIN_MAX_MS, undefined, { ref: false })]);
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
