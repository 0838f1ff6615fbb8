import { Router } from "express";
import { reasonOf } from "#core/errors.ts";

/** A part that can say whether it works: resolves when it does, throws the reason when not. */
export type Probe = () => Promise<void>;

/** `/health/live` answers as long as the process does; `/health/ready` asks every part and names those that are away. */
export function healthRoutes(probes: Readonly<Record<string, Probe>>): Router {
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
