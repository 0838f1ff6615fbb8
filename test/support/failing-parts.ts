/** A channel and a desk whose every call fails with a given error. */
import type { Channel } from "#core/contracts/channel.ts";
import { type ApprovalDesk, BARE_CARD, type Card } from "#core/contracts/approval-desk.ts";
import { DeskhandError, type ErrorCode } from "#core/values/errors.ts";
import type { Target } from "#core/contracts/tool.ts";

/** Does one call by its name, and fails. */
type Failing = (call: string) => Promise<never>;

/** Fails each call with this code and remembers its name. */
export function failingWith(code: ErrorCode, told: string[]): Failing {
  return async (call) => {
    told.push(call);
    throw new DeskhandError(code, "as told");
  };
}

export const DELIVERY = {
  source: "socket",
  headers: {},
  body: new Uint8Array(),
  receivedAt: new Date(0),
};
export const HINT = {
  channel: "slack" as const,
  eventId: "e1",
  conversationKeys: ["k"],
  kind: "message" as const,
  data: {},
  keepBody: false,
};

function targetOn(failing: Failing): Target {
  return {
    name: "slack",
    supports: ["reply"],
    commit: () => failing("commit"),
    find: () => failing("find"),
  };
}

/** A channel of which every call fails in this way. */
export function channelOn(failing: Failing): Channel {
  return {
    ...targetOn(failing),
    name: "slack",
    keepsHistory: true,
    keepsSender: true,
    receive: () => [],
    resolve: () => failing("resolve"),
    fetch: () => failing("fetch"),
    openFile: () => failing("openFile"),
    showWork: () => failing("showWork"),
    start: () => failing("start"),
    stop: () => failing("stop"),
  };
}

/** The same for a desk. */
export function deskOn(failing: Failing): ApprovalDesk {
  return {
    ...targetOn(failing),
    post: () => failing("post"),
    update: () => failing("update"),
    notify: () => failing("notify"),
    groupsOf: () => failing("groupsOf"),
    start: () => failing("start"),
    stop: () => failing("stop"),
  };
}

export const CARD: Card = {
  ...BARE_CARD,
  approvalId: "a1",
  version: 1,
  kind: "notice",
  deskChannel: null,
  state: "closed",
  headline: "Told",
  zone: "UTC",
  closing: "",
  requester: { name: "", address: "", verification: "", level: 0 },
  channel: "slack",
  approveLabel: "Send",
  model: "",
  traceId: "",
};
