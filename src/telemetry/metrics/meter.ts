/**
 * Every metric of Deskhand: its name, its unit, what it says, and every value its labels can have. `docs/metrics.md` is
 * made from this list, and a value that is not in it is counted as `other`, so that nothing of a customer becomes a label.
 *
 * Below it, what counts and measures what a process does, turns by the traces they leave, and gives it as Prometheus'
 * text. The only file that knows `prom-client`.
 */

import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import type { TraceExporter } from "#core/contracts/ports.ts";
import type { Json } from "#core/values/canonical-json.ts";
import type { Span, TurnTrace } from "#core/values/trace.ts";
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
type CounterName = keyof typeof PROCESS_COUNTERS | keyof typeof INSTALLATION_COUNTERS;
type HistogramName = keyof typeof HISTOGRAMS;
type InstallationGauge = keyof typeof INSTALLATION_GAUGES;
type GaugeName = keyof typeof PROCESS_GAUGES | InstallationGauge;
type MetricName = CounterName | HistogramName | GaugeName;

/** The labels a metric has, each with any value: one that is not listed becomes `other`. */
type LabelsOf<Name extends MetricName> = Readonly<
  Record<keyof (typeof METRICS)[Name]["labels"], string>
>;

// The meter.

/** The meter of one process. Nothing here throws or waits. */
export type Meter = ReturnType<typeof createMeter>;

/** Values of any gauge, each with its labels. */
export type GaugeValues = readonly {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}[];

/** Makes a meter with every metric of ours, and those of Node.js: memory, processor time, the lag of the event loop. */
export function createMeter() {
  const registry = runtimeRegistry();
  const counters = new Map<string, Counter>();
  const histograms = new Map<string, Histogram>();
  const gauges = new Map<string, { readonly gauge: Gauge; readonly definition: Definition }>();
  const setGauge = (key: string, values: GaugeValues): void => {
    const { gauge, definition } = gauges.get(key) ?? {};
    if (gauge === undefined || definition === undefined) return;
    gauge.reset();
    // The library sets a gauge without labels to 0, which would be a value that nothing has read.
    if (Object.keys(definition.labels).length === 0) gauge.remove();
    for (const { labels, value } of values) gauge.inc(bounded(definition, labels), value);
  };
  for (const definition of DEFINITIONS) {
    const { key, name, help, labels, buckets = [] } = definition;
    const options = { name, help, labelNames: Object.keys(labels), registers: [registry] };
    if (definition.kind === "counter") counters.set(key, new Counter(options));
    if (definition.kind === "gauge") {
      gauges.set(key, { gauge: new Gauge(options), definition });
      setGauge(key, []);
    }
    if (definition.kind === "histogram")
      histograms.set(key, new Histogram({ ...options, buckets: [...buckets] }));
  }
  return {
    count<Name extends CounterName>(name: Name, labels: LabelsOf<Name>, by = 1): void {
      if (by > 0) counters.get(name)?.inc(bounded(METRICS[name], labels), by);
    },
    /** Puts one value, in seconds, into a histogram. */
    observe<Name extends HistogramName>(name: Name, labels: LabelsOf<Name>, seconds: number): void {
      histograms.get(name)?.observe(bounded(METRICS[name], labels), Math.max(0, seconds));
    },
    /** Replaces all values of a gauge; none take it out of the answer. */
    set: <Name extends GaugeName>(
      name: Name,
      values: readonly { readonly labels: LabelsOf<Name>; readonly value: number }[],
    ): void => setGauge(name, values),
    /** The same for every gauge of the installation; null takes all of them out, where another process offers them. */
    setInstallation(values: Readonly<Record<InstallationGauge, GaugeValues>> | null): void {
      const all: Readonly<Record<string, GaugeValues>> = values ?? {};
      for (const { key, kind, scope } of DEFINITIONS)
        if (kind === "gauge" && scope === "installation") setGauge(key, all[key] ?? []);
    },
    contentType: registry.contentType,
    /** Everything as Prometheus' text format 0.0.4 has it. */
    text: () => registry.metrics(),
  };
}

/** How often the lag of the event loop is measured; what is measured includes it. */
const LAG_EVERY_MS = 100;

/** Three gauges of the library are named as counters are; what they add up is offered in parts beside them. */
function runtimeRegistry(): Registry {
  const registry = new Registry();
  // The library wakes an idle process a hundred times a second, which costs it more than everything else it does.
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: LAG_EVERY_MS });
  for (const { name, type } of registry.getMetricsAsArray())
    if (String(type) === "gauge" && name.endsWith("_total")) registry.removeSingleMetric(name);
  return registry;
}

/** Values no list names become one: the number of series has a bound whatever customers, models and vendors write. */
function bounded(
  { labels: known }: Pick<Definition, "labels">,
  labels: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(known).map(([name, values]) => {
      const value = labels[name] ?? OTHER;
      return [name, values.includes(value) ? value : OTHER];
    }),
  );
}

/**
 * An exporter that counts turns, model calls, tokens, cost, tools and verdicts. Nothing of a trace but names of ours and
 * numbers is read. It costs a turn some microseconds.
 */
export function turnMetrics(meter: Pick<Meter, "count" | "observe">): TraceExporter {
  return {
    export(trace) {
      countTurn(meter, trace);
      for (const span of trace.spans) countSpan(meter, span);
    },
  };
}

function countTurn(meter: Pick<Meter, "count" | "observe">, trace: TurnTrace): void {
  const { channel, outcome, guard, decisions, cost_usd: cost } = trace;
  meter.count("turns", { channel, outcome });
  meter.observe("turnDuration", { channel }, trace.latency_ms / 1_000);
  meter.count("guardVerdicts", { verdict: guard.verdict });
  for (const { verdict } of decisions) meter.count("policyVerdicts", { verdict });
  meter.count("modelCost", {}, cost ?? 0);
}

function countSpan(meter: Pick<Meter, "count" | "observe">, { attributes }: Span): void {
  const operation = attributes["gen_ai.operation.name"];
  if (operation === "chat") {
    meter.count("modelCalls", { result: spanResult(attributes) });
    const cached = numberIn(attributes["gen_ai.usage.cache_read.input_tokens"]);
    const input = numberIn(attributes["gen_ai.usage.input_tokens"]);
    meter.count("modelTokens", { kind: "input" }, Math.max(0, input - cached));
    meter.count("modelTokens", { kind: "cached_input" }, cached);
    const output = numberIn(attributes["gen_ai.usage.output_tokens"]);
    meter.count("modelTokens", { kind: "output" }, output);
  }
  if (operation === "execute_tool") {
    const tool = attributes["gen_ai.tool.name"];
    const name = typeof tool === "string" ? tool : "";
    meter.count("toolCalls", { tool: name, result: spanResult(attributes) });
  }
}

function spanResult(attributes: Span["attributes"]): "ok" | "error" {
  const failed = attributes["error.type"] !== undefined || attributes["deskhand.valid"] === false;
  return failed ? "error" : "ok";
}

function numberIn(value: Json | undefined): number {
  return typeof value === "number" && Number.isFinite(value) ? value : 0;
}
