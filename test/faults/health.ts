/** What a process that is broken on purpose says about itself to its operator. */
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import type { Installation } from "./installation.ts";

const TOKEN = "a health token of the faults alone";

/** For the environment of an installation whose health a case reads. */
export const HEALTH = { DESKHAND_HEALTH_TOKEN: TOKEN } as const;

const Told = z.looseObject({
  needs: z.record(z.string(), z.looseObject({ reason: z.string().nullable() })),
});

const SAYS_MS = 20_000;

/** Waits until a need of the process has this reason; throws with what it says instead when it never has. */
export async function saysOf(
  installation: Installation,
  need: string,
  reason: RegExp,
): Promise<void> {
  const address = new URL("/health/ready", installation.deskhand().endpoints.chat.url);
  const deadline = Date.now() + SAYS_MS;
  for (;;) {
    const response = await fetch(address, { headers: { authorization: `Bearer ${TOKEN}` } });
    const { needs } = Told.parse(await response.json());
    const said = needs[need]?.reason ?? "nothing";
    if (reason.test(said)) return;
    if (Date.now() > deadline) throw new Error(`of its ${need} it says: ${said}`);
    await delay(500);
  }
}
