/** Counts what turns did, from the trace each of them leaves. Nothing of a trace but names of ours and numbers is read. */
import type { TraceExporter } from "#core/contracts/ports.ts";
import type { Json } from "#core/values/canonical-json.ts";
import type { Span, TurnTrace } from "#core/values/trace.ts";
import type { Meter } from "./meter.ts";

/** An exporter that counts turns, model calls, tokens, cost, tools and verdicts. It costs a turn some microseconds. */
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
  if (cost === null) meter.count("unpricedTurns", {});
  else meter.count("modelCost", {}, cost);
}

function countSpan(
  meter: Pick<Meter, "count" | "observe">,
  { attributes, durationMs }: Span,
): void {
  const operation = attributes["gen_ai.operation.name"];
  if (operation === "chat") {
    meter.count("modelCalls", { result: spanResult(attributes) });
    meter.observe("modelCallDuration", {}, durationMs / 1_000);
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
