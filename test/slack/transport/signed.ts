/** Requests as Slack signs them, made by hand: also such as Slack would never send. */
import { createHmac } from "node:crypto";
import { CREDENTIALS, IDS } from "#sandbox/slack/index.ts";

/** What a test changes about a request that would otherwise be right. */
export interface Signing {
  readonly secret?: string;
  /** Seconds the time in it is off, negative for the past. */
  readonly offBy?: number;
  /** Sent in place of the body that was signed. */
  readonly sentBody?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What came back: the status, the body as it is, and how long to wait before the next try. */
export interface Answered {
  readonly status: number;
  readonly text: string;
  readonly retryAfter: string | null;
}

/** Sends a body to one of the addresses under /slack. */
export async function send(
  url: string,
  address: "events" | "interactions" | "commands",
  body: string,
  { secret = CREDENTIALS.signingSecret, offBy = 0, sentBody = body, headers = {} }: Signing = {},
): Promise<Answered> {
  const time = String(Math.floor(Date.now() / 1_000) + offBy);
  const signature = createHmac("sha256", secret).update(`v0:${time}:${body}`).digest("hex");
  const response = await fetch(`${url}/slack/${address}`, {
    method: "POST",
    headers: {
      "content-type":
        address === "events" ? "application/json" : "application/x-www-form-urlencoded",
      "x-slack-request-timestamp": time,
      "x-slack-signature": `v0=${signature}`,
      ...headers,
    },
    body: sentBody,
  });
  return {
    status: response.status,
    text: await response.text(),
    retryAfter: response.headers.get("retry-after"),
  };
}

/** An event of the Events API around what happened. */
export function eventBody(event: object, more: object = {}): string {
  return JSON.stringify({
    type: "event_callback",
    team_id: IDS.team,
    api_app_id: IDS.app,
    event_id: "Ev1",
    authorizations: [{ team_id: IDS.team, user_id: IDS.bot, is_bot: true }],
    event,
    ...more,
  });
}

/** A user writes in the help channel. */
export function saidInHelp(user: string, text: string, ts: string): object {
  return { type: "message", channel: IDS.help, channel_type: "channel", user, text, ts };
}

/** A payload as interactions carry it: JSON in a field of a form. */
export function payloadBody(payload: object): string {
  return new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
}

/** A click on a card. */
export function click(user: string, actionId: string, value: string, more: object = {}): string {
  return payloadBody({
    type: "block_actions",
    user: { id: user, name: "somebody", team_id: IDS.team },
    team: { id: IDS.team },
    trigger_id: "trigger.1",
    channel: { id: IDS.approvals },
    message: { ts: "1.000001" },
    actions: [{ action_id: actionId, value, action_ts: "1.000002", type: "button" }],
    ...more,
  });
}

/** A form that was sent. */
export function submission(user: string, callbackId: string, more: object = {}): string {
  return payloadBody({
    type: "view_submission",
    user: { id: user, name: "somebody", team_id: IDS.team },
    team: { id: IDS.team },
    trigger_id: "trigger.2",
    view: {
      id: "V1",
      callback_id: callbackId,
      private_metadata: "{}",
      state: { values: {} },
      blocks: [],
    },
    ...more,
  });
}

/** What a user typed after a "/". */
export function typed(user: string, text: string, more: Readonly<Record<string, string>> = {}) {
  return new URLSearchParams({
    command: "/deskhand",
    text,
    user_id: user,
    user_name: "somebody",
    team_id: IDS.team,
    channel_id: IDS.approvals,
    trigger_id: "trigger.3",
    ...more,
  }).toString();
}
