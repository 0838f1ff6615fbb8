import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const Recorded = z.object({
  method: z.string(),
  target: z.string(),
  requestType: z.string().nullable(),
  requestBody: z.unknown().optional(),
  status: z.int(),
  headers: z.record(z.string(), z.unknown()),
  body: z.string().nullable(),
});
/** One call as the sandbox answered it. */
export type Recorded = z.infer<typeof Recorded>;

/**
 * The calls in a folder of recordings, each once: what differs only in the headers' figures (what is left of a rate
 * limit, the date) is the same call.
 */
export function readRecording(folder: string): {
  readonly calls: readonly Recorded[];
  readonly total: number;
} {
  const different = new Map<string, Recorded>();
  let total = 0;
  for (const file of globSync("*.jsonl", { cwd: folder }).toSorted()) {
    for (const line of readFileSync(join(folder, file), "utf8").split("\n")) {
      if (line === "") continue;
      const call = Recorded.parse(JSON.parse(line));
      total += 1;
      const { headers: _headers, ...rest } = call;
      different.set(JSON.stringify(rest), call);
    }
  }
  return { calls: [...different.values()], total };
}
