/** What the wakes by the reconciler came to, by the counters of the workers that live: those of a killed one are gone. */
import type { Fleet } from "#test/faults/fleet.ts";

/** With it each process tells its counters beside its other routes. */
export const METRICS = { DESKHAND_METRICS_TOKEN: "a token for the metrics of a run" } as const;

const COUNTED =
  /^deskhand_wakes_total\{(?=[^}]*notified_by="reconciler")[^}]*found="(\w+)"[^}]*\} (\d+)$/gm;

/** The wakes by the reconciler, and those of them that found nothing to do. */
export async function reconcilerWakes(
  fleet: Fleet,
): Promise<{ readonly all: number; readonly needless: number }> {
  const workers = fleet.members().filter(({ role }) => role === "worker");
  const texts = await Promise.all(
    workers.map(async ({ url }) => {
      const authorization = `Bearer ${METRICS.DESKHAND_METRICS_TOKEN}`;
      const answer = await fetch(`${url}/metrics`, { headers: { authorization } });
      if (!answer.ok) throw new Error(`the metrics of a worker answered ${answer.status}`);
      return answer.text();
    }),
  );
  const counted = texts.flatMap((text) => [...text.matchAll(COUNTED)]);
  const sum = (those: typeof counted): number =>
    those.reduce((total, [, , count]) => total + Number(count), 0);
  return { all: sum(counted), needless: sum(counted.filter(([, found]) => found !== "worked")) };
}
