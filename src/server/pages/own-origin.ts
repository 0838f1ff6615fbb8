/** Checks that a request comes from one of our own pages. */

import type { Request, RequestHandler } from "express";
import { DeskhandError } from "#core/values/errors.ts";
import { ApiRefusal } from "#server/http/problem.ts";

/** The public origin of Deskhand, such as `https://desk.example.com`. */
export type OwnOrigin = () => string;

/**
 * Admits a state-changing request only from one of our own pages: browsers say where a request comes from (Fetch
 * Metadata, else Origin), and a form of another site can never send JSON.
 */
export function requireOwnPage(ownOrigin: OwnOrigin): RequestHandler {
  return (request, _response, next) => {
    if (!isSameOrigin(request, ownOrigin()))
      throw new DeskhandError("input.forbidden", "this came from a page of another site");
    if (request.is("application/json") === false)
      throw new ApiRefusal(415, "not_json", "send JSON as application/json");
    next();
  };
}

/**
 * The same for a form that is sent without a script: nothing about its type protects it, so what a browser says of its
 * origin has to be there.
 */
export function requireOwnForm(ownOrigin: OwnOrigin): RequestHandler {
  return (request, _response, next) => {
    const isTold = (request.get("sec-fetch-site") ?? request.get("origin")) !== undefined;
    if (!isTold || !isSameOrigin(request, ownOrigin()))
      throw new DeskhandError("input.forbidden", "this came from a page of another site");
    next();
  };
}

function isSameOrigin(request: Request, ownOrigin: string): boolean {
  const site = request.get("sec-fetch-site");
  if (site !== undefined) return site === "same-origin";
  const origin = request.get("origin");
  // Every browser names the origin of a POST; without it there is no browser whose session could be misused.
  if (origin === undefined) return true;
  return (
    origin === ownOrigin || (URL.canParse(origin) && new URL(origin).host === request.get("host"))
  );
}
