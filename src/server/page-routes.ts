/**
 * Room: everything Deskhand answers over HTTP. This file mounts the pages; each subfolder is a room of its own.
 * In: HTTP requests of vendors, visitors, teammates and load balancers.
 * Out: answers, server-sent events, pages, the widget script; messages go to intake, decisions to the desk handler.
 * May touch: the database, kept files, its own static files; no vendor.
 */

import { Router } from "express";
import { consoleRoutes } from "./console/routes.ts";
import { assetRoutes, readPage } from "./pages/static-files.ts";
import type { PageOptions } from "./pages/options.ts";
import { widgetRoutes } from "./widget/bundle-route.ts";

/** A page of a sample shop with the widget's one script tag. */
const SHOP_PAGE = readPage(new URL("./pages/shop.html", import.meta.url));

/** The pages people open: the console, the chat widget on a sample page, and the start page where there is one. */
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
  router.get("/chat", (_request, response) => {
    response.set("Cache-Control", "no-store").type("html").send(SHOP_PAGE);
  });
  if (options.startPage === null)
    router.get("/", (_request, response) => response.redirect("/console"));
  else router.use("/", options.startPage(ownOrigin));
  return router;
}
