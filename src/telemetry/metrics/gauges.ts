/** The gauges: what is so at this moment, in one process and in the whole installation. */
import { NEED_NAMES } from "#core/connection/needs.ts";
import { DUTY_KINDS } from "#core/contracts/duties.ts";
import { ResolutionKind } from "#core/cases/resolution.ts";
import { CHANNELS, type Definition } from "./shape.ts";

const PROCESS_GAUGES = {
  build: {
    name: "deskhand_build_info",
    kind: "gauge",
    scope: "process",
    help: "1, with the role of the process.",
    labels: { role: ["all", "web", "worker", "channels"] },
  },
  leader: {
    name: "deskhand_leader",
    kind: "gauge",
    scope: "process",
    help: "1 in the process that leads.",
    labels: {},
  },
  leases: {
    name: "deskhand_wakes_running",
    kind: "gauge",
    scope: "process",
    help: "Conversations this process works on now.",
    labels: {},
  },
  breakers: {
    name: "deskhand_breaker_open",
    kind: "gauge",
    scope: "process",
    help: "1 while calls of a provider fail at once because it is away; system is one of your own.",
    labels: { provider: ["model", "verifier", "shop", ...CHANNELS, "system"] },
  },
  credentials: {
    name: "deskhand_credentials_broken",
    kind: "gauge",
    scope: "process",
    help: "Sign-ins a provider no longer accepts; /health/ready names them.",
    labels: {},
  },
  modelEnd: {
    name: "deskhand_model_ends_in_seconds",
    kind: "gauge",
    scope: "process",
    help: "Time until the first model in use ends; absent while no end is known.",
    labels: {},
  },
  connections: {
    name: "deskhand_connections",
    kind: "gauge",
    scope: "process",
    help: "Inboxes, accounts and sockets this process keeps open.",
    labels: { channel: CHANNELS, state: ["up", "down"] },
  },
  needs: {
    name: "deskhand_need_away",
    kind: "gauge",
    scope: "process",
    help: "1 while a need is away or refuses work; /health/ready says why.",
    labels: { need: NEED_NAMES },
  },
  duties: {
    name: "deskhand_duties",
    kind: "gauge",
    scope: "process",
    help: "Inboxes, exports and sockets this process holds, or that no process holds; absent where one process is alone.",
    labels: { kind: DUTY_KINDS, state: ["held", "free"] },
  },
  database: {
    name: "deskhand_database_connections",
    kind: "gauge",
    scope: "process",
    help: "Connections of the database pool.",
    labels: { state: ["used", "idle"] },
  },
  databaseWaits: {
    name: "deskhand_database_waiting",
    kind: "gauge",
    scope: "process",
    help: "Work that waits for a connection of the database pool.",
    labels: {},
  },
} as const satisfies Record<string, Definition>;

const INSTALLATION_GAUGES = {
  unread: {
    name: "deskhand_unread_deliveries",
    kind: "gauge",
    scope: "installation",
    help: "Deliveries that no turn has read.",
    labels: {},
  },
  oldestUnread: {
    name: "deskhand_oldest_unread_seconds",
    kind: "gauge",
    scope: "installation",
    help: "Age of the oldest delivery that no turn has read.",
    labels: {},
  },
  effects: {
    name: "deskhand_effects",
    kind: "gauge",
    scope: "installation",
    help: "Unfinished effects; unknown ones of the last 24 hours.",
    labels: { state: ["intended", "executing", "unknown"] },
  },
  oldestEffect: {
    name: "deskhand_oldest_effect_seconds",
    kind: "gauge",
    scope: "installation",
    help: "Age of the oldest effect in this state.",
    labels: { state: ["intended", "executing"] },
  },
  oldestDue: {
    name: "deskhand_oldest_due_seconds",
    kind: "gauge",
    scope: "installation",
    help: "For how long a card to be posted, or an effect, has been due without moving.",
    labels: {},
  },
  deadLetters: {
    name: "deskhand_dead_letters",
    kind: "gauge",
    scope: "installation",
    help: "Dead letters that were not redriven.",
    labels: {},
  },
  cards: {
    name: "deskhand_cards_open",
    kind: "gauge",
    scope: "installation",
    help: "Cards that wait for a teammate.",
    labels: { age: ["under_1h", "under_4h", "under_24h", "over_24h"] },
  },
  oldestCard: {
    name: "deskhand_oldest_card_seconds",
    kind: "gauge",
    scope: "installation",
    help: "Age of the oldest waiting card.",
    labels: {},
  },
  unsealed: {
    name: "deskhand_audit_unsealed_entries",
    kind: "gauge",
    scope: "installation",
    help: "Entries outside the audit's chain.",
    labels: {},
  },
  oldestUnsealed: {
    name: "deskhand_audit_oldest_unsealed_seconds",
    kind: "gauge",
    scope: "installation",
    help: "Age of the oldest entry outside the audit's chain.",
    labels: {},
  },
  spend: {
    name: "deskhand_model_spend_last_hour_dollars",
    kind: "gauge",
    scope: "installation",
    help: "Cost of the last hour's turns in US dollars, to within ten minutes.",
    labels: {},
  },
  backup: {
    name: "deskhand_last_backup_timestamp_seconds",
    kind: "gauge",
    scope: "installation",
    help: "When the last backup was written; absent before the first.",
    labels: {},
  },
  paused: {
    name: "deskhand_paused",
    kind: "gauge",
    scope: "installation",
    help: "1 while anything is paused.",
    labels: {},
  },
  queue: {
    name: "deskhand_queue_jobs",
    kind: "gauge",
    scope: "installation",
    help: "Wakes in the queue that no worker has taken.",
    labels: {},
  },
  oldestFreeDuty: {
    name: "deskhand_oldest_free_duty_seconds",
    kind: "gauge",
    scope: "installation",
    help: "For how long no process has read an inbox, export or socket; absent where one process is alone.",
    labels: {},
  },
  resolutions: {
    name: "deskhand_resolutions_last_week",
    kind: "gauge",
    scope: "installation",
    help: "Matters that ended in the last seven days; read every hour.",
    labels: { kind: ResolutionKind.options },
  },
} as const satisfies Record<string, Definition>;

/** Every gauge by the name the program uses for it. */
export const GAUGES = { ...PROCESS_GAUGES, ...INSTALLATION_GAUGES };
