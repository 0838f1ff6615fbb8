/**
 * Every metric of Deskhand: its name, its unit, what it says, and every value its labels can have. `docs/metrics.md` is
 * made from this list, and a value that is not in it is counted as `other`, so that nothing of a customer becomes a label.
 */
import { ResolutionKind } from "#core/cases/resolution.ts";
import { NEED_NAMES } from "#core/connection/connection-board.ts";
import { DecisionButton } from "#core/contracts/approval-desk.ts";
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

function metric<const Labels extends Described["labels"]>(
  name: string,
  help: string,
  labels: Labels,
  buckets?: readonly number[],
) {
  return { name, help, labels, ...(buckets === undefined ? {} : { buckets }) };
}

/** What stands for a value that no list names. */
export const OTHER = "other";

const CHANNELS = ChannelName.options;
const OUTCOMES = Outcome.options;
const RESULTS = ["ok", "error"];

const PROCESS_COUNTERS = {
  turns: metric("deskhand_turns_total", "Turns, by how they ended; pending waits for a teammate.", {
    channel: CHANNELS,
    outcome: [...OUTCOMES, "pending"],
  }),
  wakes: metric(
    "deskhand_wakes_total",
    "Wakes of conversations, by what sent them and what they found.",
    { notified_by: ["queue", "reconciler"], found: ["worked", "idle", "refused"] },
  ),
  modelCalls: metric("deskhand_model_calls_total", "Calls of the model.", { result: RESULTS }),
  modelTokens: metric(
    "deskhand_model_tokens_total",
    "Tokens of model calls; input leaves out cached_input.",
    { kind: ["input", "cached_input", "output"] },
  ),
  modelCost: metric(
    "deskhand_model_cost_dollars_total",
    "Price of model calls in US dollars, where it is known.",
    {},
  ),
  // Tools of your own systems are counted as `other`: their names are not known here.
  toolCalls: metric(
    "deskhand_tool_calls_total",
    "Tool calls by the model; refused ones are errors.",
    { tool: BUILT_IN_TOOLS, result: RESULTS },
  ),
  policyVerdicts: metric("deskhand_policy_verdicts_total", "Decisions about proposed actions.", {
    verdict: ["allow", "ask", "deny"],
  }),
  guardVerdicts: metric(
    "deskhand_guard_verdicts_total",
    "Verdicts of the input guard, one for each turn.",
    { verdict: ["allow", "caution", "block"] },
  ),
  deskDecisions: metric(
    "deskhand_desk_decisions_total",
    "Clicks on cards and alerts, accepted or not.",
    { button: DecisionButton.options, accepted: ["yes", "no"] },
  ),
  webhookRefusals: metric(
    "deskhand_webhook_refusals_total",
    "Deliveries refused for what they hold, such as a wrong signature.",
    { channel: CHANNELS },
  ),
  webhookRepeats: metric(
    "deskhand_webhook_repeats_total",
    "Deliveries that came before, such as a vendor's replay.",
    { channel: CHANNELS },
  ),
};

const INSTALLATION_COUNTERS = {
  messagesReceived: metric(
    "deskhand_messages_received_total",
    "Customers' messages read at their source, a minute later.",
    { channel: CHANNELS },
  ),
  messagesEnded: metric(
    "deskhand_messages_ended_total",
    "Customers' messages by how they ended, a minute later.",
    { channel: CHANNELS, outcome: OUTCOMES },
  ),
};

const HISTOGRAMS = {
  turnDuration: metric(
    "deskhand_turn_duration_seconds",
    "Time from the beginning of a turn to its commit.",
    { channel: CHANNELS },
    [0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 40, 80],
  ),
  wakeDuration: metric(
    "deskhand_wake_duration_seconds",
    "Time a worker has one conversation.",
    {},
    [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 120],
  ),
};

const PROCESS_GAUGES = {
  leader: metric("deskhand_leader", "1 in the process that leads.", {}),
  leases: metric("deskhand_wakes_running", "Conversations this process works on now.", {}),
  breakers: metric(
    "deskhand_breaker_open",
    "1 while calls of a provider fail at once because it is away; system is one of your own.",
    { provider: ["model", "verifier", "shop", ...CHANNELS, "system"] },
  ),
  credentials: metric(
    "deskhand_credentials_broken",
    "Sign-ins a provider no longer accepts; /health/ready names them.",
    {},
  ),
  modelEnd: metric(
    "deskhand_model_ends_in_seconds",
    "Time until the first model in use ends; absent while no end is known.",
    {},
  ),
  connections: metric(
    "deskhand_connections",
    "Inboxes, accounts and sockets this process keeps open.",
    { channel: CHANNELS, state: ["up", "down"] },
  ),
  needs: metric(
    "deskhand_need_away",
    "1 while a need is away or refuses work; /health/ready says why.",
    { need: NEED_NAMES },
  ),
  database: metric("deskhand_database_connections", "Connections of the database pool.", {
    state: ["used", "idle"],
  }),
};

const INSTALLATION_GAUGES = {
  unread: metric("deskhand_unread_deliveries", "Deliveries that no turn has read.", {}),
  oldestUnread: metric(
    "deskhand_oldest_unread_seconds",
    "Age of the oldest delivery that no turn has read.",
    {},
  ),
  effects: metric("deskhand_effects", "Unfinished effects; unknown ones of the last 24 hours.", {
    state: ["intended", "executing", "unknown"],
  }),
  oldestEffect: metric(
    "deskhand_oldest_effect_seconds",
    "Age of the oldest effect in this state.",
    { state: ["intended", "executing"] },
  ),
  oldestDue: metric(
    "deskhand_oldest_due_seconds",
    "For how long a card to be posted, or an effect, has been due without moving.",
    {},
  ),
  deadLetters: metric("deskhand_dead_letters", "Dead letters that were not redriven.", {}),
  cards: metric("deskhand_cards_open", "Cards that wait for a teammate.", {
    age: ["under_1h", "under_4h", "under_24h", "over_24h"],
  }),
  oldestCard: metric("deskhand_oldest_card_seconds", "Age of the oldest waiting card.", {}),
  oldestUnsealed: metric(
    "deskhand_audit_oldest_unsealed_seconds",
    "Age of the oldest entry outside the audit's chain.",
    {},
  ),
  spend: metric(
    "deskhand_model_spend_last_hour_dollars",
    "Cost of the last hour's turns in US dollars, to within ten minutes.",
    {},
  ),
  backup: metric(
    "deskhand_last_backup_timestamp_seconds",
    "When the last backup was written; absent before the first.",
    {},
  ),
  paused: metric("deskhand_paused", "1 while anything is paused.", {}),
  queue: metric("deskhand_queue_jobs", "Wakes in the queue that no worker has taken.", {}),
  oldestFreeDuty: metric(
    "deskhand_oldest_free_duty_seconds",
    "For how long no process has read an inbox, export or socket; absent where one process is alone.",
    {},
  ),
  resolutions: metric(
    "deskhand_resolutions_last_week",
    "Matters of the last seven days that ended or went to people; hourly.",
    { kind: ResolutionKind.options },
  ),
};

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
type MetricName = CounterName | HistogramName | GaugeName;

/** The labels a metric has, each with any value: one that is not listed becomes `other`. */
export type LabelsOf<Name extends MetricName> = Readonly<
  Record<keyof (typeof METRICS)[Name]["labels"], string>
>;
