/** Refusals as programs read them: problem details by RFC 9457. */

import type { Response } from "express";
import { ERROR_CODES, isErrorCode } from "#core/values/errors.ts";

/** A refusal of the API that is none of the errors that Deskhand names elsewhere. */
export class ApiRefusal extends Error {
  override readonly name = "ApiRefusal";
  readonly status: number;
  readonly code: ApiCode;
  /** What a program needs to go on, beside the sentence. */
  readonly members: Readonly<Record<string, unknown>>;

  constructor(code: ApiCode, message: string, members: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.code = code;
    this.status = API_CODES[code].status;
    this.members = members;
  }
}

const API_CODES = {
  not_found: { status: 404, meaning: "nothing that you may see has this address" },
  method_not_allowed: { status: 405, meaning: "this address does not take this method" },
  not_json: { status: 415, meaning: "the body has to be JSON" },
  "key.missing": { status: 400, meaning: "a POST needs an Idempotency-Key" },
  "key.under_way": { status: 409, meaning: "the first request with this key has no answer yet" },
  "key.reused": { status: 422, meaning: "this key was used for another request" },
  "decision.refused": { status: 409, meaning: "the decision does not count; nothing was done" },
  internal: { status: 500, meaning: "something went wrong here; it was logged" },
} as const satisfies Record<string, { status: number; meaning: string }>;
type ApiCode = keyof typeof API_CODES;

/** The media type of a problem. */
export const PROBLEM_TYPE = "application/problem+json";

/** Sends a refusal as a problem. `type` names its kind and is no address. */
export function sendProblem(
  response: Response,
  {
    status,
    code,
    detail,
    members = {},
  }: {
    readonly status: number;
    readonly code: string;
    readonly detail: string;
    readonly members?: Readonly<Record<string, unknown>>;
  },
): void {
  const title = isErrorCode(code)
    ? ERROR_CODES[code].meaning
    : Object.entries(API_CODES).find(([name]) => name === code)?.[1].meaning;
  const problem = { type: `urn:deskhand:problem:${code}`, title, status, detail, code };
  response
    .status(status)
    .type(PROBLEM_TYPE)
    .send(JSON.stringify({ ...members, ...problem }));
}
