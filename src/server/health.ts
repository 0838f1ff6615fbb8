import { Router } from "express";
import { reasonOf } from "#core/errors.ts";

/** A part that can say whether it works: resolves when it does, throws the reason when not. */
export type Probe = () => Promise<void>;

/**
 * `/health/live` answers as long as the process does; `/health/ready` asks every part and names those that are away. How
 * the breakers of providers outside stand is told beside it and decides nothing: work waits for them in the database.
 */
export function healthRoutes(
  probes: Readonly<Record<string, Probe>>,
  providers: () => Readonly<Record<string, string>>,
): Router {
  const router = Router();
  router.get("/live", (_request, response) => {
    response.json({ status: "ok" });
  });
  router.get("/ready", async (_request, response) => {
    const parts = await Promise.all(
      Object.entries(probes).map(async ([name, probe]) => ({
        name,
        problem: await problemOf(probe),
      })),
    );
    const ready = parts.every(({ problem }) => problem === null);
    response.status(ready ? 200 : 503).json({
      status: ready ? "ok" : "unavailable",
      parts: Object.fromEntries(parts.map(({ name, problem }) => [name, problem ?? "ok"])),
      providers: providers(),
    });
  });
  return router;
}

async function problemOf(probe: Probe): Promise<string | null> {
  try {
    await probe();
    return null;
  } catch (error) {
    return reasonOf(error);
  }
}
