/** Which trace a piece of work belongs to: what rows carry from one process to the next. */
import { createHash } from "node:crypto";

/** A place in a trace. */
export interface TraceContext {
  /** 32 hex digits. */
  readonly traceId: string;
  /** 16 hex digits of the span the work belongs to; null where a trace has only begun. */
  readonly spanId: string | null;
  /** Decided once, where the trace began, and kept by every process after it. */
  readonly isSampled: boolean;
  /** Places in other traces that led to the same work, such as further messages of one burst. */
  readonly links: readonly TraceContext[];
}

const PARENT = /^00-(?<trace>[\da-f]{32})-(?<span>[\da-f]{16})-(?<flags>[\da-f]{2})$/;

/** As W3C's Trace Context 1 writes it in `traceparent`; null without a span. */
export function traceparentOf(context: TraceContext | null): string | null {
  if (context === null || context.spanId === null) return null;
  return `00-${context.traceId}-${context.spanId}-${context.isSampled ? "01" : "00"}`;
}

/** The place a `traceparent` names; null for any other text. */
export function traceContextOf(text: string | null): TraceContext | null {
  const { trace, span, flags } = PARENT.exec(text ?? "")?.groups ?? {};
  if (trace === undefined || span === undefined || flags === undefined) return null;
  if (/^0+$/.test(trace) || /^0+$/.test(span)) return null;
  return {
    traceId: trace,
    spanId: span,
    isSampled: (Number.parseInt(flags, 16) & 1) === 1,
    links: [],
  };
}

/** The span of a turn has an id that derives from the turn's, so that what follows can name it before it is written. */
export function spanIdOfTurn(turnId: string): string {
  return createHash("sha256").update(`${turnId}:root`).digest("hex").slice(0, 16);
}
