/** The stored form of a wake on the queue. */

import { z } from "zod";
import { persisted } from "#store/db/versioned-json.ts";

/** What sent a wake: the queue, because something happened, or the reconciler. */
export type NotifiedBy = "queue" | "reconciler";

/**
 * A wake carries only which conversation to look at. Its version is stored with it because wakes outlive the process
 * that sent them and workers of two versions read each other's.
 */
export const WakePayload = persisted({
  name: "ring",
  schema: z.object({ conversationId: z.string().min(1) }),
  versionField: "version",
});
