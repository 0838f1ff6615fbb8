/** A router behind the HTTP basics of every route, on a free port of this machine. */
import type { Router } from "express";
import { createApp, listen } from "#server/http/app.ts";
import { silentLog } from "#test/store/bench.ts";

/** Serves it below this path until it is closed. */
export function served(path: string, router: Router): ReturnType<typeof listen> {
  const app = createApp({ log: silentLog, frames: [], mounted: [[path, router]] });
  return listen(app, { host: "127.0.0.1", port: 0 });
}
