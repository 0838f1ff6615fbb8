/** Follows work over processes, and sends what was sampled to a collector. */
import { createHash, randomBytes } from "node:crypto";
import type { Json } from "#core/values/canonical-json.ts";
import { DeskhandError } from "#core/values/errors.ts";
import type { Clock, SpanKind, Tracing } from "#core/contracts/ports.ts";
import { spanIdOfTurn, type TraceContext } from "#core/contracts/trace-context.ts";
import type { Span, TurnTrace } from "#core/values/trace.ts";
import { inTrace, traceNow } from "#core/contracts/work-context.ts";
import { attributesOf, nanos } from "./values.ts";

/** The numbers the protocol has for them (`opentelemetry/proto/trace/v1/trace.proto`, SpanKind and StatusCode). */
const KINDS: Readonly<Record<SpanKind, number>> = { internal: 1, server: 2, client: 3 };
const FAILED = 2;

/** Ids are compared with the ratio by their last 56 bits, which W3C's Trace Context 2 keeps random. */
const RANDOM_BITS = 56;

const TOOL = "gen_ai.tool.name";

/**
 * Attributes that can hold no word of a customer: names, codes and numbers of ours and of the model. Everything else
 * leaves the process only where content was switched on.
 */
const HARMLESS: ReadonlySet<string> = new Set([
  "gen_ai.operation.name",
  "gen_ai.request.model",
  TOOL,
  "gen_ai.usage.input_tokens",
  "gen_ai.usage.output_tokens",
  "gen_ai.usage.cache_read.input_tokens",
  "error.type",
  "deskhand.valid",
  "deskhand.best_score",
  "deskhand.statements",
  "deskhand.unbacked",
  "deskhand.miscopied",
  "deskhand.messages_left_out",
  "deskhand.characters_left_out",
]);

/** A word without spaces, as codes and names of models and tools are. */
const WORD = /^[\w.:/-]{1,100}$/;

/** Whether a trace with this id is kept: the same for every process with the same ratio. */
export function isSampled(traceId: string, ratio: number): boolean {
  const random = Number.parseInt(traceId.slice(-RANDOM_BITS / 4), 16);
  return random < ratio * 2 ** RANDOM_BITS;
}

/** Tracing that hands each finished span to `sink`. */
export function createTracing({
  sink,
  clock,
  ratio,
  withContent,
}: {
  readonly sink: (span: Json) => void;
  readonly clock: Clock;
  /** The share of traces that is kept, from 0 to 1; a trace that began elsewhere is kept as was decided there. */
  readonly ratio: number;
  /** Whether arguments, results and excerpts of texts are sent as well. */
  readonly withContent: boolean;
}): Tracing {
  return {
    begin() {
      const traceId = randomBytes(16).toString("hex");
      return { traceId, spanId: null, isSampled: isSampled(traceId, ratio), links: [] };
    },
    async step({ name, kind, attributes }, work) {
      const parent = traceNow();
      if (parent === null) return work();
      const own = { ...parent, spanId: randomBytes(8).toString("hex"), links: [] };
      const startedAt = clock.now().getTime();
      const began = performance.now();
      const end = (failure: string | null): void => {
        if (!parent.isSampled) return;
        sink({
          ...placeOf(parent, own.spanId),
          name,
          kind: KINDS[kind],
          startTimeUnixNano: nanos(startedAt),
          endTimeUnixNano: nanos(startedAt + performance.now() - began),
          attributes: attributesOf({
            ...attributes,
            ...(failure === null ? {} : { "error.type": failure }),
          }),
          status: failure === null ? {} : { code: FAILED },
        });
      };
      try {
        const result = await inTrace(own, work);
        end(null);
        return result;
      } catch (error) {
        end(error instanceof DeskhandError ? error.code : "error");
        throw error;
      }
    },
    export(trace) {
      const parent = traceNow();
      if (parent?.isSampled !== true) return;
      for (const span of turnSpans(trace, { parent, withContent })) sink(span);
    },
  };
}

/** Where a span is in its trace. */
function placeOf(parent: TraceContext, spanId: string): { [name: string]: Json } {
  const links = parent.links.flatMap(({ traceId, spanId: linked }) =>
    linked === null ? [] : [{ traceId, spanId: linked }],
  );
  return {
    traceId: parent.traceId,
    spanId,
    ...(parent.spanId === null ? {} : { parentSpanId: parent.spanId }),
    ...(links.length === 0 ? {} : { links }),
  };
}

/**
 * One turn in OpenTelemetry's terms: a span named `invoke_agent` below `parent`, with the turn's steps below it, by the
 * GenAI semantic conventions. Without a parent the ids derive from the turn's, so a turn written twice is one span.
 */
export function turnSpans(
  trace: TurnTrace,
  { parent, withContent }: { readonly parent: TraceContext | null; readonly withContent: boolean },
): readonly Json[] {
  const place = parent ?? {
    traceId: idOf(trace.request_id, 32),
    spanId: null,
    isSampled: true,
    links: [],
  };
  const root = spanIdOfTurn(trace.request_id);
  const began = Date.parse(trace.started_at);
  const turn = {
    ...placeOf(place, root),
    name: "invoke_agent deskhand",
    kind: KINDS.internal,
    startTimeUnixNano: nanos(began),
    endTimeUnixNano: nanos(began + trace.latency_ms),
    attributes: attributesOf({
      "gen_ai.operation.name": "invoke_agent",
      "gen_ai.agent.name": "deskhand",
      "gen_ai.request.model": trace.model,
      "gen_ai.conversation.id": trace.conversation_id,
      "gen_ai.usage.input_tokens": trace.input_tokens,
      "gen_ai.usage.output_tokens": trace.output_tokens,
      "deskhand.turn.id": trace.request_id,
      "deskhand.channel": trace.channel,
      "deskhand.outcome": trace.outcome,
      "deskhand.identity_level": trace.identity_level,
      "deskhand.policy_version": trace.policy_version,
    }),
  };
  const steps = trace.spans.map((span, index) =>
    stepSpan(span, { traceId: place.traceId, root, index, withContent }),
  );
  return [turn, ...steps];
}

function stepSpan(
  span: Span,
  place: {
    readonly traceId: string;
    readonly root: string;
    readonly index: number;
    readonly withContent: boolean;
  },
): Json {
  const began = Date.parse(span.startedAt);
  const { attributes } = span;
  const operation = attributes["gen_ai.operation.name"];
  const shown = place.withContent ? attributes : harmless(attributes);
  return {
    traceId: place.traceId,
    spanId: idOf(`${place.root}:${place.index}`, 16),
    parentSpanId: place.root,
    name: place.withContent ? span.name : nameOf(span),
    kind: operation === "chat" ? KINDS.client : KINDS.internal,
    startTimeUnixNano: nanos(began),
    endTimeUnixNano: nanos(began + span.durationMs),
    attributes: attributesOf(shown),
    status: attributes["error.type"] === undefined ? {} : { code: FAILED },
  };
}

function harmless(attributes: Span["attributes"]): Span["attributes"] {
  const { [TOOL]: tool, ...others } = Object.fromEntries(
    Object.entries(attributes).filter(
      ([name, value]) => HARMLESS.has(name) && (typeof value !== "string" || WORD.test(value)),
    ),
  );
  return tool === undefined || attributes["deskhand.valid"] !== true
    ? others
    : { [TOOL]: tool, ...others };
}

/** A model may ask for a tool of any name, and quote in it: only a call that was carried out names one of ours. */
function nameOf({ name, attributes }: Span): string {
  const isCall = attributes["gen_ai.operation.name"] === "execute_tool";
  return isCall && attributes["deskhand.valid"] !== true ? "execute_tool" : name;
}

function idOf(text: string, digits: number): string {
  return createHash("sha256").update(text).digest("hex").slice(0, digits);
}
