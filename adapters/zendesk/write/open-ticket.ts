/** Opens one ticket under a key, however often it is asked for. */
import { setTimeout as delay } from "node:timers/promises";
import { DeskhandError } from "#core/values/errors.ts";
import type { CommitResult } from "#core/contracts/target.ts";
import type { ZendeskClient } from "#zendesk/api/client.ts";
import { literalBody } from "./literal-text.ts";
import { TicketsByExternalId, WriteAnswer } from "#zendesk/api/schema.ts";
import { conversationKey } from "#zendesk/read/parse-webhook.ts";

/** How often to look for a ticket that another request is opening, and how long to wait in between. */
const LOOKS_MAX = 4;
const LOOK_EVERY_MS = 1_000;

/**
 * The one ticket under this key. A conflict means that a request with the key is still in progress, such as one that
 * timed out: its ticket is ours once it exists, and if that request fails, the next one opens the ticket.
 */
export async function openOnce(
  client: ZendeskClient,
  externalId: string,
  whole: unknown,
  signal: AbortSignal,
): Promise<CommitResult> {
  const headers = { "Idempotency-Key": externalId };
  const call = { method: "POST", path: ["tickets"], body: literalBody(whole), headers } as const;
  for (let looks = 1; ; looks += 1) {
    try {
      const { ticket } = await client.longWait.write(call, WriteAnswer, signal);
      return committedTicket(ticket.id);
    } catch (error) {
      const isUnderWay = error instanceof DeskhandError && error.code === "channel.conflict";
      if (!isUnderWay && !isOtherBody(error)) throw error;
      // A different body under this key, such as one from an earlier release: that ticket is the one.
      const opener = await findTicketByExternalId(client, externalId, signal);
      if (opener !== null) return opener;
      const unknown = new DeskhandError(
        "channel.uncertain",
        "Zendesk knows the key of this ticket already",
        { cause: error },
      );
      if (!isUnderWay || looks >= LOOKS_MAX) throw unknown;
      await delay(LOOK_EVERY_MS, undefined, { signal }).catch(() => {
        throw unknown;
      });
    }
  }
}

/** Zendesk's answer to an Idempotency-Key that came with another body before. */
function isOtherBody(error: unknown): boolean {
  return (
    error instanceof DeskhandError &&
    error.code === "channel.refused" &&
    error.message.includes("IdempotentRequestError")
  );
}

export async function findTicketByExternalId(
  client: ZendeskClient,
  externalId: string,
  signal: AbortSignal,
): Promise<CommitResult | null> {
  const path = ["tickets", { external_id: externalId }];
  const { tickets } = await client.longWait.get(path, TicketsByExternalId, signal);
  // Compared again here, so that a list without the filter is never taken for a hit.
  const found = tickets.find((ticket) => ticket.external_id === externalId);
  return found === undefined ? null : committedTicket(found.id);
}

/** The ticket's number is its conversation's external id from now on. */
export function committedTicket(ticketId: number): CommitResult {
  return { ref: String(ticketId), conversationKeys: [conversationKey(ticketId)] };
}
