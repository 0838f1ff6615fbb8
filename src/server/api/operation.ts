/** What the API offers, as data: each operation with its schemas, from which its route and its description are made. */

import { z } from "zod";
import type { TokenRules } from "#adapters/chat/identity.ts";
import type { DeskHandler } from "#core/contracts/approval-desk.ts";
import { invalidInput, readInput } from "#core/values/errors.ts";
import type { PageShelf } from "#jobs/knowledge/pages.ts";
import type { ChatParts } from "#server/chat/access.ts";
import type { PageOptions } from "#server/console/session.ts";
import { CursorText, cursorText, type Cursor } from "#store/console/cursor.ts";
import { openApi } from "#server/http/openapi.ts";
import { PROBLEM_TYPE } from "#server/http/problem.ts";
import type { Store } from "#store/db/database.ts";
import type { TokenScope } from "#store/identity/access-tokens.ts";
import type { Bearer } from "./bearer.ts";

/** What the operations work with. */
export interface ApiOptions {
  readonly parts: PageOptions["parts"] & ChatParts;
  readonly handler: DeskHandler;
  readonly pages: PageShelf;
  /** Which signed tokens prove a customer, as in the chat. */
  readonly customerTokens: TokenRules;
  /** Of one token; 300 where it is left out. */
  readonly requestsPerMinute?: number;
}

/** One request that is allowed: who sent it, and what it is carried out with. */
export interface Call {
  readonly options: ApiOptions;
  readonly bearer: Bearer;
  /** What its address names; an id of any form, or empty. */
  readonly id: string;
  /** A random name that is the same whenever it is carried out under its Idempotency-Key; empty for a question. */
  readonly seed: string;
  readonly now: Date;
  /** Works in one transaction. */
  readonly run: Store["run"];
  /** A text without secrets, as everywhere where people read customers' words. */
  readonly mask: (text: string) => string;
  /** Aborts when the caller goes; left out where nothing waits for long. */
  readonly signal?: AbortSignal;
}

/** An operation as it is written down; its answer is what `answer` leaves of what `work` gives. */
interface WrittenOperation<Sent extends z.ZodObject, Answer extends z.ZodType> {
  /** Unique, as generated clients call it. */
  readonly name: string;
  readonly method: "get" | "post";
  readonly path: string;
  readonly scope: TokenScope;
  readonly summary: string;
  /** What the query or the body says. */
  readonly sent: Sent;
  readonly answer: Answer;
  /** 200 where it is left out. */
  readonly status?: 201 | 202;
  /** The largest body, as Express reads it; 64 kB where it is left out. */
  readonly bodyMax?: string;
  /** True where doing it again after it was cut off could do it twice. */
  readonly isRisky?: true;
  readonly work: (call: Call, sent: z.output<Sent>) => Promise<z.input<Answer>>;
}

/** An operation, whatever it reads; `prepare` throws `input.invalid` with every field that is wrong. */
export type Operation = Omit<WrittenOperation<z.ZodObject, z.ZodType>, "work"> & {
  prepare(sent: unknown): (call: Call) => Promise<unknown>;
};

/** The operation, whatever its types. */
export function operation<Sent extends z.ZodObject, Answer extends z.ZodType>({
  work,
  ...written
}: WrittenOperation<Sent, Answer>): Operation {
  return {
    ...written,
    prepare(given) {
      const sent = readInput(written.sent, given, written.method === "get" ? "query" : "body");
      return async (call) => written.answer.parse(await work(call, sent));
    },
  };
}

/** A position in a list as text that says nothing of what it is made of. */
export function cursorOut(next: Cursor | null): string | null {
  return next === null ? null : Buffer.from(cursorText(next)).toString("base64url");
}

/** The position again; null for the beginning. Throws `input.invalid` for a text that is none of these. */
export function cursorIn(cursor: string | undefined): Cursor | null {
  if (cursor === undefined) return null;
  const position = CursorText.parse(Buffer.from(cursor, "base64url").toString());
  if (position === null) throw invalidInput("cursor: take it from nextCursor as it is");
  return position;
}

// The description of the API.

/** Where the API is mounted. */
export const API_PATH = "/api/v1";

const Problem = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().describe("what happened, and what to do"),
    code: z.string().describe("for programs, such as `input.rate_limited`"),
  })
  .describe("problem details (RFC 9457)");

const MEANINGS = {
  400: "the request cannot be read; every field that is wrong is named",
  401: "no token, or one that is unknown, expired or revoked",
  403: "the token's scope, or its holder's role now, does not reach",
  404: "nothing that you may see has this id",
  409: "the first request with this key is under way, or the decision does not count",
  413: "the body is too large",
  415: "the body is no JSON",
  422: "the Idempotency-Key was used for another request",
  429: "too many requests; Retry-After says when to come again",
  503: "this cannot be taken now; Retry-After says when to come again",
};

const ID = z.object({ id: z.string() });
const KEY = z.object({ "Idempotency-Key": z.string().max(255) });

/** The description of these operations. */
export function apiDocument(operations: readonly Operation[]) {
  return openApi(
    {
      title: "Deskhand",
      server: API_PATH,
      refusal: { [PROBLEM_TYPE]: { schema: Problem } },
      meanings: MEANINGS,
      caller: "token",
      isOpen: false,
    },
    operations.map(({ name, scope, sent, summary, ...operation }) => {
      const isChange = operation.method === "post";
      return {
        ...operation,
        id: name,
        summary: `${summary} Scope: ${scope}.`,
        params: {
          ...(operation.path.includes("{id}") && { path: ID }),
          ...(isChange ? { header: KEY } : { query: sent }),
        },
        body: isChange ? sent : null,
      };
    }),
  );
}
