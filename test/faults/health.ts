/** What a process that is broken on purpose says about itself to its operator. */
import { z } from "zod";
import { until } from "#test/support/waiting.ts";
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
  const seen = { says: "nothing" };
  await until(
    `its ${need} to say ${String(reason)}`,
    async () => {
      const response = await fetch(address, { headers: { authorization: `Bearer ${TOKEN}` } });
      seen.says = Told.parse(await response.json()).needs[need]?.reason ?? "nothing";
      return reason.test(seen.says);
    },
    () => `It says: ${seen.says}`,
    SAYS_MS,
  );
}
