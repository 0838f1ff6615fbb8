/** The errors that the local Zendesk answers with, and how it refuses pages of other sites. */
import type { RequestHandler } from "express";

/** An answer that is not a success, in the envelope Zendesk uses for that kind of failure (it has at least four). */
export class ApiError extends Error {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}) {
    super(`answered with ${status}`);
    this.name = "ApiError";
    this.status = status;
    this.body = body;
    this.headers = headers;
  }
}

function refusal(status: number, body: unknown): () => ApiError {
  return () => new ApiError(status, body);
}

/** 404 for an id that does not exist or that the caller may not see; Zendesk does not tell the two apart. */
export const recordNotFound = refusal(404, { error: "RecordNotFound", description: "Not found" });

/** 404 for a path that is no endpoint. */
export const invalidEndpoint = refusal(404, { error: "InvalidEndpoint", description: "Not found" });

/** 401 for a missing or wrong credential. */
export const unauthenticated = refusal(401, { error: "Couldn't authenticate you" });

/** 401 for an OAuth token that is unknown, expired or revoked. */
export const invalidToken = refusal(401, {
  error: "invalid_token",
  error_description:
    "The access token provided is expired, revoked, malformed or invalid for other reasons.",
});

/** 403 for a role that may not do this. */
export const forbidden = refusal(403, {
  error: {
    title: "Forbidden",
    message:
      "You do not have access to this page. Please contact the account owner of this help desk for further help.",
  },
});

/** 403 for a token whose scopes do not cover the call. */
export const missingScope = refusal(403, {
  error: "Forbidden",
  description: "You are missing the following required scopes: read, write",
});

/** 409 for a safe update whose stamp is not the record's. */
export const updateConflict = refusal(409, {
  error: "UpdateConflict",
  description:
    "Safe Update prevented the update due to outdated ticket data. Please fetch the latest ticket data and try again.",
});

/** 400 for a body or parameter of the wrong shape. */
export function invalidAttribute(message: string): ApiError {
  return new ApiError(400, { error: { title: "Invalid attribute", message } });
}

/** 400 for paging parameters out of range. */
export function invalidPaging(title: string): ApiError {
  return new ApiError(400, { errors: [{ code: "InvalidPaginationParameter", title }] });
}

/** 422 for a record that breaks a rule; `field` is `base` when the rule is about the whole record. */
export function recordInvalid(
  field: string,
  description: string,
  error = "InvalidValue",
): ApiError {
  return new ApiError(422, {
    error: "RecordInvalid",
    description: "Record validation errors",
    details: { [field]: [{ description, error }] },
  });
}

/**
 * Refuses what a page of another site sends: the sandbox trusts its own machine, and a browser would carry any page's
 * form there. Programs do not send the header and pass.
 */
export const refuseOtherSites: RequestHandler = (request, response, next) => {
  if (request.get("sec-fetch-site") !== "cross-site" || request.method === "GET") return next();
  response.status(403).type("text").send("This page only answers to pages of its own machine.\n");
};
