/** What a metric consists of, and the values that several of them have for a label. */
import { ChannelName } from "#core/values/vocabulary.ts";

/** Who offers a metric: every process for itself, or the one that leads, for the whole installation. */
type Scope = "process" | "installation";

/** One metric. Names follow Prometheus' rules: base units, and `_total` at the end of what only grows. */
export interface Definition {
  readonly name: string;
  readonly kind: "counter" | "gauge" | "histogram";
  readonly scope: Scope;
  readonly help: string;
  readonly labels: Readonly<Record<string, readonly string[]>>;
  /** Upper bounds of a histogram, in its unit. */
  readonly buckets?: readonly number[];
}

/** What stands for a value that no list names. */
export const OTHER = "other";

/** Every channel, as a label. */
export const CHANNELS = ChannelName.options;
