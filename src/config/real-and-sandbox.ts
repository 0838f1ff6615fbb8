/** Keeps real parts and the sandbox's apart: what must not be started together, or not by a process of one role. */
import type { Variables } from "./environment-file.ts";
import { join, resolve } from "node:path";

/**
 * A real customer must never meet the open sandbox: in its Slack any user may press Approve, its DNS vouches for any
 * sender, and its policy answers without approval.
 */
export function conflicts(set: Variables): string[] {
  const has = (name: string): boolean => set[name] !== undefined;
  const realCustomers =
    has("ZENDESK_URL") || has("IMAP_HOST") || has("MAIL_INBOXES") || has("SHOP_URL");
  const found: readonly (readonly [isProblem: boolean, words: string])[] = [
    [
      realCustomers && !has("SLACK_BOT_TOKEN"),
      "SLACK_BOT_TOKEN: is missing; a real channel or shop does not start together with the sandbox's Slack, where every user may approve",
    ],
    [
      (realCustomers || has("SLACK_BOT_TOKEN")) && !has("DESKHAND_POLICY"),
      "DESKHAND_POLICY: is missing; the sandbox's policy is not for real people",
    ],
    [
      isTooLong(set["DESKHAND_DATA"] ?? ""),
      `DESKHAND_DATA: the path is too long; the socket for commands in it may have ${SOCKET_BYTES_MAX} bytes`,
    ],
  ];
  return found.flatMap(([isProblem, words]) => (isProblem ? [words] : []));
}

/** What a process with a partial role shares with the others, and why it cannot bring its own. */
const SHARED: Readonly<Record<string, string>> = {
  DATABASE_URL: "the embedded database belongs to one process",
  REDIS_URL: "a Redis of its own would notify no other process",
  DESKHAND_BLOBS: "raw mails that one process keeps must be found by the others",
  SLACK_BOT_TOKEN: "the sandbox's Slack belongs to the process that started it",
  SHOP_URL:
    "the sample shop belongs to the process that started it, and no TOOLS name systems of your own",
};

/**
 * Problems of a process with a partial role: it starts no embedded part, since each process would have its own and
 * believe it shared.
 */
export function partialRoleProblems(set: Variables): string[] {
  const role = set["DESKHAND_ROLE"]?.trim() ?? "all";
  if (!["web", "worker", "channels"].includes(role)) return [];
  // Your own systems stand in the place of a shop.
  const isMet = (name: string): boolean =>
    set[name] !== undefined || (name === "SHOP_URL" && set["TOOLS"] !== undefined);
  return Object.entries(SHARED).flatMap(([name, reason]) =>
    !isMet(name) ? [`${name}: is missing, and the role ${role} needs it; ${reason}`] : [],
  );
}

/** Unix sockets store their path in a field of 108 bytes with a trailing zero (`sun_path`, unix(7)). */
const SOCKET_BYTES_MAX = 107;

function isTooLong(dataFolder: string): boolean {
  return Buffer.byteLength(join(resolve(dataFolder.trim()), "control.sock")) > SOCKET_BYTES_MAX;
}

const ONE_REDIS =
  "REDIS_URL names one Redis; where several servers stand in for each other, put a proxy in front";

const REMOVED: Readonly<Record<string, string>> = {
  DESKHAND_TRACE_CONTENT: "the file of DESKHAND_SPANS_FILE has all excerpts",
  OTEL_EXPORTER_OTLP_ENDPOINT:
    "a collector reads the file of DESKHAND_SPANS_FILE, and Prometheus reads /metrics",
  DESKHAND_BACKUP_KEY_FILE:
    "backups are not encrypted by Deskhand: encrypt the bucket, or the file on its way out",
  REDIS_CLUSTER: ONE_REDIS,
  REDIS_SENTINELS: ONE_REDIS,
  REDIS_SENTINEL_PASS: ONE_REDIS,
  DATABASE_REPLICA_URL: "reports are read from the database itself",
};

/** One problem for each that is still set: an operator who relies on one hears of it at the start. */
export function removedProblems(set: Variables): string[] {
  return Object.entries(REMOVED)
    .filter(([name]) => (set[name] ?? set[`${name}_FILE`]) !== undefined)
    .map(([name, instead]) => `${name}: is no longer read; ${instead}. Take it out`);
}
