/**
 * Every metric of Deskhand: its name, its unit, what it says, and every value its labels can have. `docs/metrics.md` is
 * made from this list, and a value that is not in it is counted as `other`, so that nothing of a customer becomes a label.
 */
import { ResolutionKind } from "#core/cases/resolution.ts";
import { NEED_NAMES } from "#core/connection/connection-board.ts";
import { DecisionButton } from "#core/contracts/approval-desk.ts";
import { DUTY_KINDS } from "#core/contracts/ports.ts";
import { BUILT_IN_TOOLS } from "#core/values/action.ts";
import { ChannelName, Outcome } from "#core/values/vocabulary.ts";

/** What a metric is called and says. Names follow Prometheus' rules: base units, and `_total` at the end of what only grows. */
interface Described {
  readonly name: string;
  readonly help: string;
  readonly labels: Readonly<Record<string, readonly string[]>>;
  /** Upper bounds of a histogram, in its unit. */
  readonly buckets?: readonly number[];
}

/** By the names the program uses. */
type Metrics = Readonly<Record<string, Described>>;

/** What stands for a value that no list names. */
export const OTHER = "other";

const CHANNELS = ChannelName.options;
const OUTCOMES = Outcome.options;
const RESULTS = ["ok", "error"];

const PROCESS_COUNTERS = {
  turns: {
    name: "deskhand_turns_total",
    help: "Turns, by how they ended; pending waits for a teammate.",
    labels: { channel: CHANNELS, outcome: [...OUTCOMES, "pending"] },
  },
  wakes: {
    name: "deskhand_wakes_total",
    help: "Wakes of conversations, by what sent them and what they found.",
    labels: { notified_by: ["queue", "reconciler"], found: ["worked", "idle", "refused"] },
  },
  modelCalls: {
    name: "deskhand_model_calls_total",
    help: "Calls of the model.",
    labels: { result: RESULTS },
  },
  modelTokens: {
    name: "deskhand_model_tokens_total",
    help: "Tokens of model calls; input leaves out cached_input.",
    labels: { kind: ["input", "cached_input", "output"] },
  },
  modelCost: {
    name: "deskhand_model_cost_dollars_total",
    help: "Price of model calls in US dollars, where it is known.",
    labels: {},
  },
  unpricedTurns: {
    name: "deskhand_model_unpriced_turns_total",
    help: "Turns whose price is not known.",
    labels: {},
  },
  toolCalls: {
    name: "deskhand_tool_calls_total",
    help: "Tool calls by the model; refused ones are errors.",
    // Tools of your own systems are counted as `other`: their names are not known here.
    labels: { tool: BUILT_IN_TOOLS, result: RESULTS },
  },
  policyVerdicts: {
    name: "deskhand_policy_verdicts_total",
    help: "Decisions about proposed actions.",
    labels: { verdict: ["allow", "ask", "deny"] },
  },
  guardVerdicts: {
    name: "deskhand_guard_verdicts_total",
    help: "Verdicts of the input guard, one for each turn.",
    labels: { verdict: ["allow", "caution", "block"] },
  },
  deskDecisions: {
    name: "deskhand_desk_decisions_total",
    help: "Clicks on cards and alerts, accepted or not.",
    labels: { button: DecisionButton.options, accepted: ["yes", "no"] },
  },
  webhookRefusals: {
    name: "deskhand_webhook_refusals_total",
    help: "Deliveries refused for what they hold, such as a wrong signature.",
    labels: { channel: CHANNELS },
  },
  webhookRepeats: {
    name: "deskhand_webhook_repeats_total",
    help: "Deliveries that came before, such as a vendor's replay.",
    labels: { channel: CHANNELS },
  },
} as const satisfies Metrics;

const INSTALLATION_COUNTERS = {
  messagesReceived: {
    name: "deskhand_messages_received_total",
    help: "Customers' messages read at their source, a minute later.",
    labels: { channel: CHANNELS },
  },
  messagesEnded: {
    name: "deskhand_messages_ended_total",
    help: "Customers' messages by how they ended, a minute later.",
    labels: { channel: CHANNELS, outcome: OUTCOMES },
  },
} as const satisfies Metrics;

const HISTOGRAMS = {
  turnDuration: {
    name: "deskhand_turn_duration_seconds",
    help: "Time from the beginning of a turn to its commit.",
    labels: { channel: CHANNELS },
    buckets: [0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 40, 80],
  },
  wakeDuration: {
    name: "deskhand_wake_duration_seconds",
    help: "Time a worker has one conversation.",
    labels: {},
    buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 120],
  },
  modelCallDuration: {
    name: "deskhand_model_call_duration_seconds",
    help: "Time of one model call, its queue in this process included.",
    labels: {},
    buckets: [0.25, 0.5, 1, 2, 5, 10, 20, 40, 60],
  },
} as const satisfies Metrics;

const PROCESS_GAUGES = {
  build: {
    name: "deskhand_build_info",
    help: "1, with the role of the process.",
    labels: { role: ["all", "web", "worker", "channels"] },
  },
  leader: {
    name: "deskhand_leader",
    help: "1 in the process that leads.",
    labels: {},
  },
  leases: {
    name: "deskhand_wakes_running",
    help: "Conversations this process works on now.",
    labels: {},
  },
  breakers: {
    name: "deskhand_breaker_open",
    help: "1 while calls of a provider fail at once because it is away; system is one of your own.",
    labels: { provider: ["model", "verifier", "shop", ...CHANNELS, "system"] },
  },
  credentials: {
    name: "deskhand_credentials_broken",
    help: "Sign-ins a provider no longer accepts; /health/ready names them.",
    labels: {},
  },
  modelEnd: {
    name: "deskhand_model_ends_in_seconds",
    help: "Time until the first model in use ends; absent while no end is known.",
    labels: {},
  },
  connections: {
    name: "deskhand_connections",
    help: "Inboxes, accounts and sockets this process keeps open.",
    labels: { channel: CHANNELS, state: ["up", "down"] },
  },
  needs: {
    name: "deskhand_need_away",
    help: "1 while a need is away or refuses work; /health/ready says why.",
    labels: { need: NEED_NAMES },
  },
  duties: {
    name: "deskhand_duties",
    help: "Inboxes, exports and sockets this process holds, or that no process holds; absent where one process is alone.",
    labels: { kind: DUTY_KINDS, state: ["held", "free"] },
  },
  database: {
    name: "deskhand_database_connections",
    help: "Connections of the database pool.",
    labels: { state: ["used", "idle"] },
  },
  databaseWaits: {
    name: "deskhand_database_waiting",
    help: "Work that waits for a connection of the database pool.",
    labels: {},
  },
} as const satisfies Metrics;

const INSTALLATION_GAUGES = {
  unread: {
    name: "deskhand_unread_deliveries",
    help: "Deliveries that no turn has read.",
    labels: {},
  },
  oldestUnread: {
    name: "deskhand_oldest_unread_seconds",
    help: "Age of the oldest delivery that no turn has read.",
    labels: {},
  },
  effects: {
    name: "deskhand_effects",
    help: "Unfinished effects; unknown ones of the last 24 hours.",
    labels: { state: ["intended", "executing", "unknown"] },
  },
  oldestEffect: {
    name: "deskhand_oldest_effect_seconds",
    help: "Age of the oldest effect in this state.",
    labels: { state: ["intended", "executing"] },
  },
  oldestDue: {
    name: "deskhand_oldest_due_seconds",
    help: "For how long a card to be posted, or an effect, has been due without moving.",
    labels: {},
  },
  deadLetters: {
    name: "deskhand_dead_letters",
    help: "Dead letters that were not redriven.",
    labels: {},
  },
  cards: {
    name: "deskhand_cards_open",
    help: "Cards that wait for a teammate.",
    labels: { age: ["under_1h", "under_4h", "under_24h", "over_24h"] },
  },
  oldestCard: {
    name: "deskhand_oldest_card_seconds",
    help: "Age of the oldest waiting card.",
    labels: {},
  },
  unsealed: {
    name: "deskhand_audit_unsealed_entries",
    help: "Entries outside the audit's chain.",
    labels: {},
  },
  oldestUnsealed: {
    name: "deskhand_audit_oldest_unsealed_seconds",
    help: "Age of the oldest entry outside the audit's chain.",
    labels: {},
  },
  spend: {
    name: "deskhand_model_spend_last_hour_dollars",
    help: "Cost of the last hour's turns in US dollars, to within ten minutes.",
    labels: {},
  },
  backup: {
    name: "deskhand_last_backup_timestamp_seconds",
    help: "When the last backup was written; absent before the first.",
    labels: {},
  },
  paused: {
    name: "deskhand_paused",
    help: "1 while anything is paused.",
    labels: {},
  },
  queue: {
    name: "deskhand_queue_jobs",
    help: "Wakes in the queue that no worker has taken.",
    labels: {},
  },
  oldestFreeDuty: {
    name: "deskhand_oldest_free_duty_seconds",
    help: "For how long no process has read an inbox, export or socket; absent where one process is alone.",
    labels: {},
  },
  resolutions: {
    name: "deskhand_resolutions_last_week",
    help: "Matters that ended in the last seven days; read every hour.",
    labels: { kind: ResolutionKind.options },
  },
} as const satisfies Metrics;

/** Every metric by its kind and by who offers it: every process for itself, or the one that leads, for the installation. */
const GROUPS = [
  { kind: "counter", scope: "process", metrics: PROCESS_COUNTERS },
  { kind: "counter", scope: "installation", metrics: INSTALLATION_COUNTERS },
  { kind: "histogram", scope: "process", metrics: HISTOGRAMS },
  { kind: "gauge", scope: "process", metrics: PROCESS_GAUGES },
  { kind: "gauge", scope: "installation", metrics: INSTALLATION_GAUGES },
] as const;

/** One metric, and the name the program uses for it. */
export interface Definition extends Described {
  readonly key: string;
  readonly kind: (typeof GROUPS)[number]["kind"];
  readonly scope: (typeof GROUPS)[number]["scope"];
}

/** Every metric of our own. */
export const DEFINITIONS: readonly Definition[] = GROUPS.flatMap(({ kind, scope, metrics }) =>
  Object.entries<Described>(metrics).map(([key, one]) => ({ ...one, key, kind, scope })),
);

/** The same by the name the program uses. */
export const METRICS = {
  ...PROCESS_COUNTERS,
  ...INSTALLATION_COUNTERS,
  ...HISTOGRAMS,
  ...PROCESS_GAUGES,
  ...INSTALLATION_GAUGES,
};

/** The names under which the program counts, observes and sets. */
export type CounterName = keyof typeof PROCESS_COUNTERS | keyof typeof INSTALLATION_COUNTERS;
export type HistogramName = keyof typeof HISTOGRAMS;
export type InstallationGauge = keyof typeof INSTALLATION_GAUGES;
export type GaugeName = keyof typeof PROCESS_GAUGES | InstallationGauge;
export type MetricName = CounterName | HistogramName | GaugeName;

/** The labels a metric has, each with any value: one that is not listed becomes `other`. */
export type LabelsOf<Name extends MetricName> = Readonly<
  Record<keyof (typeof METRICS)[Name]["labels"], string>
>;
