import { z } from "zod";
import { persisted } from "#store/db/versioned-json.ts";

/**
 * What a ring carries: which conversation to look at, and nothing else. It has said its version from the beginning, and
 * rings outlive the process that sent them, so workers of two versions read each other's.
 */
export const WakePayload = persisted({
  name: "ring",
  version: 1,
  schema: z.object({ conversationId: z.string().min(1) }),
  upgrades: [],
  versionField: "version",
});
