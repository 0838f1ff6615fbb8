import { Router } from "express";
import type { DeskHandler } from "#core/desk.ts";
import type { Parts } from "#jobs/parts.ts";
import type { Endpoints } from "#src/endpoints.ts";

/** What the pages show and do. */
export interface PageOptions {
  readonly parts: Parts;
  readonly handler: DeskHandler;
  readonly identitySecret: string;
  /** Null until everything is up. */
  readonly endpoints: () => Endpoints | null;
}

/** The pages people open: the start page, the console and the chat widget. */
export function pageRoutes(options: PageOptions): Router {
  const router = Router();
  router.get("/", (_request, response) => {
    response.json(options.endpoints() === null ? { ready: false } : { ready: true });
  });
  return router;
}
