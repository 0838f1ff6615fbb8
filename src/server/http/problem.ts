/** Refusals as programs read them: problem details by RFC 9457. */

import type { Response } from "express";
import { inWords } from "#core/values/words.ts";

/** A refusal of a route that is none of the errors that Deskhand names elsewhere; `members` is what goes with it. */
export class ApiRefusal extends Error {
  override readonly name = "ApiRefusal";
  readonly status: number;
  readonly code: string;
  readonly members: Readonly<Record<string, unknown>>;

  constructor(status: number, code: string, message: string, members: object = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.members = { ...members };
  }
}

/** The refusal for what is not there, and for what this caller may not know of. */
export function notFound(): ApiRefusal {
  return new ApiRefusal(404, "not_found", "nothing that you may see has this id");
}

/** The media type of a problem. */
export const PROBLEM_TYPE = "application/problem+json";

/** Sends a refusal as a problem. `type` names its kind and is no address. */
export function sendProblem(
  response: Response,
  refusal: Pick<ApiRefusal, "status" | "code" | "message">,
): void {
  const { status, code, message: detail } = refusal;
  const members = refusal instanceof ApiRefusal ? refusal.members : {};
  const title = inWords(code.replaceAll(".", " "));
  const problem = { ...members, type: `urn:deskhand:problem:${code}`, title, status, detail, code };
  response.status(status).type(PROBLEM_TYPE).send(JSON.stringify(problem));
}
