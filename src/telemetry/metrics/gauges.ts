/** The gauges: what is so at this moment, in one process and in the whole installation. */
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
    help: "1 in the process that leads and offers the metrics of the installation, else 0.",
    labels: {},
  },
  leases: {
    name: "deskhand_wakes_running",
    kind: "gauge",
    scope: "process",
    help: "Conversations this process works on now, each under a lease.",
    labels: {},
  },
  breakers: {
    name: "deskhand_breaker_open",
    kind: "gauge",
    scope: "process",
    help: "1 while calls of a provider fail at once because it is away, else 0; system counts those of your own systems.",
    labels: { provider: ["model", "verifier", "shop", ...CHANNELS, "system"] },
  },
  credentials: {
    name: "deskhand_credentials_broken",
    kind: "gauge",
    scope: "process",
    help: "Identities a provider no longer accepts; /health/ready names them.",
    labels: {},
  },
  modelEnd: {
    name: "deskhand_model_ends_in_seconds",
    kind: "gauge",
    scope: "process",
    help: "Time until the first of the models in use ends, negative after its end; looked at every hour by processes that keep connections, and absent while no end is known.",
    labels: {},
  },
  connections: {
    name: "deskhand_connections",
    kind: "gauge",
    scope: "process",
    help: "Inboxes, accounts and sockets this process keeps open, by channel.",
    labels: { channel: CHANNELS, state: ["up", "down"] },
  },
  needs: {
    name: "deskhand_need_away",
    kind: "gauge",
    scope: "process",
    help: "1 while a need of the process is away or refuses its work, else 0; /health/ready says why.",
    labels: {
      need: ["database", "queue", "blobs", "jobs", "reconciler", "channels", "clock", "log"],
    },
  },
  duties: {
    name: "deskhand_duties",
    kind: "gauge",
    scope: "process",
    help: "Inboxes, exports and sockets by lease: held by this process, or free when no process held them at its last look; missing where one process is alone.",
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
    help: "Age of the oldest delivery that no turn has read; 0 when there is none.",
    labels: {},
  },
  effects: {
    name: "deskhand_effects",
    kind: "gauge",
    scope: "installation",
    help: "Effects that are not finished; unknown counts those of the last 24 hours.",
    labels: { state: ["intended", "executing", "unknown"] },
  },
  oldestEffect: {
    name: "deskhand_oldest_effect_seconds",
    kind: "gauge",
    scope: "installation",
    help: "Age of the oldest effect in this state; 0 when there is none.",
    labels: { state: ["intended", "executing"] },
  },
  oldestDue: {
    name: "deskhand_oldest_due_seconds",
    kind: "gauge",
    scope: "installation",
    help: "For how long the oldest card that is not on the desk, or effect, has been due and has not moved; 0 when there is none.",
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
    help: "Cards that wait for a teammate, by their age.",
    labels: { age: ["under_1h", "under_4h", "under_24h", "over_24h"] },
  },
  oldestCard: {
    name: "deskhand_oldest_card_seconds",
    kind: "gauge",
    scope: "installation",
    help: "Age of the oldest card that waits for a teammate; 0 when there is none.",
    labels: {},
  },
  unsealed: {
    name: "deskhand_audit_unsealed_entries",
    kind: "gauge",
    scope: "installation",
    help: "Entries of the audit that are not in its chain yet.",
    labels: {},
  },
  oldestUnsealed: {
    name: "deskhand_audit_oldest_unsealed_seconds",
    kind: "gauge",
    scope: "installation",
    help: "Age of the oldest entry that is not in the chain of the audit; 0 when there is none.",
    labels: {},
  },
  spend: {
    name: "deskhand_model_spend_last_hour_dollars",
    kind: "gauge",
    scope: "installation",
    help: "What all turns of the last hour cost in US dollars, to within ten minutes.",
    labels: {},
  },
  backup: {
    name: "deskhand_last_backup_timestamp_seconds",
    kind: "gauge",
    scope: "installation",
    help: "When the last backup was written; missing before the first.",
    labels: {},
  },
  paused: {
    name: "deskhand_paused",
    kind: "gauge",
    scope: "installation",
    help: "1 while anything is paused, else 0.",
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
    help: "For how long no process has read the inbox, export or socket that has waited longest for one; 0 while each is read, missing where one process is alone.",
    labels: {},
  },
  resolutions: {
    name: "deskhand_resolutions_last_week",
    kind: "gauge",
    scope: "installation",
    help: "Matters of customers that ended in the last seven days, by how; read every hour.",
    labels: { kind: ResolutionKind.options },
  },
} as const satisfies Record<string, Definition>;

/** Every gauge by the name the program uses for it. */
export const GAUGES = { ...PROCESS_GAUGES, ...INSTALLATION_GAUGES };
