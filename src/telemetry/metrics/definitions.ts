/**
 * Every metric of Deskhand: its name, its unit, what it says, and every value its labels can have. `docs/metrics.md` is
 * made from this list, and a value that is not in it is counted as `other`, so that nothing of a customer becomes a label.
 */
import { DecisionButton } from "#core/contracts/approval-desk.ts";
import { Outcome } from "#core/values/vocabulary.ts";
import { GAUGES } from "./gauges.ts";
import { CHANNELS, type Definition } from "./shape.ts";

const OUTCOMES = Outcome.options;
const RESULTS = ["ok", "error"];

/** The built-in tools. Tools of your own systems are counted as `other`: their names are not known here. */
const TOOLS = [
  "search_faq",
  "get_customer",
  "list_orders",
  "get_order_status",
  "get_payments",
  "issue_refund",
  "cancel_order",
  "change_address",
  "start_return",
  "exchange_item",
  "resend_invoice",
  "reset_password",
  "send_code",
  "create_support_ticket",
  "escalate",
  "reply",
];

const COUNTERS = {
  turns: {
    name: "deskhand_turns_total",
    kind: "counter",
    scope: "process",
    help: "Turns, by how they ended; pending waits for a teammate.",
    labels: { channel: CHANNELS, outcome: [...OUTCOMES, "pending"] },
  },
  wakes: {
    name: "deskhand_wakes_total",
    kind: "counter",
    scope: "process",
    help: "Wakes of conversations, by what sent them and what they found.",
    labels: { notified_by: ["queue", "reconciler"], found: ["worked", "idle", "refused"] },
  },
  modelCalls: {
    name: "deskhand_model_calls_total",
    kind: "counter",
    scope: "process",
    help: "Calls of the model.",
    labels: { result: RESULTS },
  },
  modelTokens: {
    name: "deskhand_model_tokens_total",
    kind: "counter",
    scope: "process",
    help: "Tokens of model calls; input leaves out cached_input.",
    labels: { kind: ["input", "cached_input", "output"] },
  },
  modelCost: {
    name: "deskhand_model_cost_dollars_total",
    kind: "counter",
    scope: "process",
    help: "Price of model calls in US dollars, where it is known.",
    labels: {},
  },
  unpricedTurns: {
    name: "deskhand_model_unpriced_turns_total",
    kind: "counter",
    scope: "process",
    help: "Turns whose price is not known.",
    labels: {},
  },
  toolCalls: {
    name: "deskhand_tool_calls_total",
    kind: "counter",
    scope: "process",
    help: "Tool calls by the model; refused ones are errors.",
    labels: { tool: TOOLS, result: RESULTS },
  },
  policyVerdicts: {
    name: "deskhand_policy_verdicts_total",
    kind: "counter",
    scope: "process",
    help: "Decisions about proposed actions.",
    labels: { verdict: ["allow", "ask", "deny"] },
  },
  guardVerdicts: {
    name: "deskhand_guard_verdicts_total",
    kind: "counter",
    scope: "process",
    help: "Verdicts of the input guard, one for each turn.",
    labels: { verdict: ["allow", "caution", "block"] },
  },
  deskDecisions: {
    name: "deskhand_desk_decisions_total",
    kind: "counter",
    scope: "process",
    help: "Clicks on cards and alerts, accepted or not.",
    labels: { button: DecisionButton.options, accepted: ["yes", "no"] },
  },
  webhookRefusals: {
    name: "deskhand_webhook_refusals_total",
    kind: "counter",
    scope: "process",
    help: "Deliveries refused for what they hold, such as a wrong signature.",
    labels: { channel: CHANNELS },
  },
  webhookRepeats: {
    name: "deskhand_webhook_repeats_total",
    kind: "counter",
    scope: "process",
    help: "Deliveries that came before, such as a vendor's replay.",
    labels: { channel: CHANNELS },
  },
  messagesReceived: {
    name: "deskhand_messages_received_total",
    kind: "counter",
    scope: "installation",
    help: "Customers' messages read at their source, a minute later.",
    labels: { channel: CHANNELS },
  },
  messagesEnded: {
    name: "deskhand_messages_ended_total",
    kind: "counter",
    scope: "installation",
    help: "Customers' messages by how they ended, a minute later.",
    labels: { channel: CHANNELS, outcome: OUTCOMES },
  },
} as const satisfies Record<string, Definition>;

const HISTOGRAMS = {
  turnDuration: {
    name: "deskhand_turn_duration_seconds",
    kind: "histogram",
    scope: "process",
    help: "Time from the beginning of a turn to its commit.",
    labels: { channel: CHANNELS },
    buckets: [0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 40, 80],
  },
  wakeDuration: {
    name: "deskhand_wake_duration_seconds",
    kind: "histogram",
    scope: "process",
    help: "Time a worker has one conversation.",
    labels: {},
    buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 120],
  },
  modelCallDuration: {
    name: "deskhand_model_call_duration_seconds",
    kind: "histogram",
    scope: "process",
    help: "Time of one model call, its queue in this process included.",
    labels: {},
    buckets: [0.25, 0.5, 1, 2, 5, 10, 20, 40, 60],
  },
} as const satisfies Record<string, Definition>;

/** Every metric of our own, by the name the program uses for it. */
export const METRICS = { ...COUNTERS, ...HISTOGRAMS, ...GAUGES };

/** The names under which the program counts, observes and sets. */
export type CounterName = keyof typeof COUNTERS;
export type HistogramName = keyof typeof HISTOGRAMS;
export type GaugeName = keyof typeof GAUGES;
export type MetricName = CounterName | HistogramName | GaugeName;

/** The labels a metric has, each with any value: one that is not listed becomes `other`. */
export type LabelsOf<Name extends MetricName> = Readonly<
  Record<keyof (typeof METRICS)[Name]["labels"], string>
>;
