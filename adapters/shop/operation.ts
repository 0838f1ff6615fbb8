/** One write of the shop as HTTP: its receipt, and how it is found again by its key. */

import { createHash } from "node:crypto";
import type { HttpExchange } from "#core/connection/http-exchange.ts";
import { pathSegment } from "#core/connection/path-segment.ts";
import { DeskhandError } from "#core/values/errors.ts";
import type { EffectLookup } from "#core/contracts/target.ts";
import { exchangeText, type ShopClient, unavailable } from "./client.ts";
import { Operation, WireError } from "./schema.ts";

/** What an answer proves: that exactly this was done, that something else was, or nothing. */
export type Receipt =
  | { readonly kind: "done"; readonly ref: string }
  | { readonly kind: "other" }
  | { readonly kind: "unreadable" };

/** One operation as HTTP: its path, and how its receipt proves that exactly this was done. */
export interface Order {
  readonly path: string;
  readonly body: unknown;
  receipt(body: unknown): Receipt;
  find(key: string, signal: AbortSignal): Promise<EffectLookup>;
}

/** Statuses that say the server has not processed the request. */
export const NOT_LOOKED_AT = new Set([408, 425, 429]);

/** The header takes 1 to 255 printable ASCII characters; any other key is sent as its digest, always the same one. */
export function wireKey(key: string): string {
  return /^[\x21-\x7e]{1,255}$/.test(key)
    ? key
    : `sha256:${createHash("sha256").update(key).digest("hex")}`;
}

/** A receipt that cannot be read. */
export const UNREADABLE: Receipt = { kind: "unreadable" };
/** A receipt about something else. */
export const OTHER: Receipt = { kind: "other" };

/** What the shop did under this key, by the receipt it kept. */
export async function findOperation(
  client: ShopClient,
  order: Pick<Order, "receipt">,
  key: string,
  signal: AbortSignal,
): Promise<EffectLookup> {
  const path = `/operations/${encodeURIComponent(wireKey(key))}`;
  const ended = await client.exchange({ method: "GET", path }, signal);
  if (ended.kind === "answered" && ended.status === 404) {
    const parsed = WireError.safeParse(ended.body);
    // Only this code means that nothing was done; any other 404 means that we asked in the wrong place.
    if (parsed.success && parsed.data.error.code === "operation_not_found")
      return { state: "absent" };
  }
  if (ended.kind !== "answered" || ended.status !== 200) return unknowableState(ended);
  const parsed = Operation.safeParse(ended.body);
  const receipt = parsed.success ? order.receipt(parsed.data.result) : UNREADABLE;
  return receipt.kind === "done"
    ? { state: "done", committed: { ref: receipt.ref, conversationKeys: [] } }
    : { state: "unknowable", reason: "under this key the shop did something else" };
}

/** A shop that cannot be asked right now can be asked later; any other answer is final. */
export function unknowableState(ended: HttpExchange): EffectLookup {
  if (ended.kind !== "answered" || ended.status >= 500 || NOT_LOOKED_AT.has(ended.status))
    throw unavailable(ended);
  return { state: "unknowable", reason: exchangeText(ended) };
}

/** The id as one segment of a path. Throws `shop.refused` for one that cannot be an id. */
export function pathId(id: string): string {
  const encoded = pathSegment(id);
  if (encoded === null) throw new DeskhandError("shop.refused", "there is no such id");
  return encoded;
}
