/** Refuses browser requests from other sites. */
import type { RequestHandler } from "express";

/**
 * Refuses what a page of another site sends: the sandbox trusts its own machine, and a browser would carry any page's
 * form there. Programs do not send the header and pass.
 */
export const refuseOtherSites: RequestHandler = (request, response, next) => {
  if (request.get("sec-fetch-site") !== "cross-site" || request.method === "GET") return next();
  response.status(403).type("text").send("This page only answers to pages of its own machine.\n");
};
