import { Router } from "express";
import { reasonOf } from "#core/errors.ts";

/** What a part says about itself beside "ok", such as the version of the schema. */
type Facts = Readonly<Record<string, unknown>>;

/** Asks a part whether it works: gives what is worth telling when it does, throws the reason when not. */
export type Probe = () => Promise<Facts>;

/** Whoever asks for readiness waits three seconds at most, so a part that hangs is away after two. */
const PROBE_MS = 2_000;

/**
 * `/health/live` answers as long as the process does; `/health/ready` asks every part and names those that are away. What
 * is told beside the parts, such as a pause or the breakers of providers outside, decides nothing: work waits for those
 * in the database.
 */
export function healthRoutes(
  probes: Readonly<Record<string, Probe>>,
  told: () => Readonly<Record<string, unknown>>,
): Router {
  const router = Router();
  const parts = Object.entries(probes).map(([name, probe]) => ({ name, ask: oneAtATime(probe) }));
  router.get("/live", (_request, response) => {
    response.json({ status: "ok" });
  });
  router.get("/ready", async (_request, response) => {
    const found = await Promise.all(
      parts.map(async ({ name, ask }) => ({ name, ...(await findingOf(ask)) })),
    );
    const ready = found.every(({ problem }) => problem === null);
    response.status(ready ? 200 : 503).json({
      status: ready ? "ok" : "unavailable",
      parts: Object.fromEntries(found.map(({ name, problem }) => [name, problem ?? "ok"])),
      ...Object.assign({}, ...found.map(({ facts }) => facts)),
      ...told(),
    });
  });
  return router;
}

/** A part that hangs is asked once, not once for each look at it: every question may hold a connection. */
function oneAtATime(probe: Probe): Probe {
  const asked: { answer: Promise<Facts> | null } = { answer: null };
  return () => {
    asked.answer ??= probe().finally(() => {
      asked.answer = null;
    });
    return asked.answer;
  };
}

async function findingOf(
  ask: Probe,
): Promise<{ readonly problem: string | null; readonly facts: Facts }> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no answer within ${PROBE_MS} ms`)), PROBE_MS);
  try {
    return { problem: null, facts: await Promise.race([ask(), late]) };
  } catch (error) {
    return { problem: reasonOf(error), facts: {} };
  } finally {
    clearTimeout(timer);
  }
}
