/**
 * Room: everything Deskhand answers over HTTP. This file mounts the pages; each subfolder is a room of its own.
 * In: HTTP requests of vendors, visitors, teammates and load balancers.
 * Out: answers, server-sent events, pages, the widget script; messages go to intake, decisions to the desk handler.
 * May touch: the database, kept files, its own static files; no vendor.
 */

import { Router } from "express";
import { consoleRoutes } from "./console/routes.ts";
import { assetRoutes } from "./pages/static-files.ts";
import type { PageOptions } from "./pages/options.ts";
import { chatDemoRoutes, startRoutes } from "./start-page/routes.ts";
import { widgetRoutes } from "./widget/bundle-route.ts";

/** The pages people open: the start page, the console and the chat widget. */
export function pageRoutes(options: PageOptions): Router {
  const router = Router();
  // Read at each request, because the port is known only once we listen.
  const ownOrigin = (): string => {
    const address = options.parts.cardLink("");
    return URL.canParse(address) ? new URL(address).origin : "";
  };
  router.use("/assets", assetRoutes());
  router.use(
    "/widget.js",
    widgetRoutes(() => options.parts.policy.linkHosts),
  );
  router.use("/console", consoleRoutes(options, ownOrigin));
  router.use("/chat", chatDemoRoutes(options, ownOrigin));
  router.use("/", startRoutes(options, ownOrigin));
  return router;
}
