import type { Segment } from "#core/message.ts";

/** New words and the rest. */
export interface SplitReply {
  readonly text: string;
  readonly segments: readonly Segment[];
}

export function splitReply(text: string): SplitReply {
  return { text: text.trim(), segments: [] };
}
