/** What the API offers, as data: each operation with its schemas, from which its route and its description are made. */

import { z } from "zod";
import { invalidInput, readInput } from "#core/values/errors.ts";
import type { TokenRules } from "#adapters/chat/identity.ts";
import type { DeskHandler } from "#core/contracts/approval-desk.ts";
import type { PageShelf } from "#jobs/knowledge/pages.ts";
import type { ChatParts } from "#server/chat/access.ts";
import type { PageOptions } from "#server/console/session.ts";
import { ApiRefusal } from "#server/http/problem.ts";
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
  /** Requests of one token in a minute; without it, as many as `routes.ts` says. */
  readonly requestsPerMinute?: number;
}

/** One request that is allowed: who sent it, and what it is carried out with. */
export interface Call {
  readonly options: ApiOptions;
  readonly bearer: Bearer;
  /** What its address names; an id of any form, or empty. */
  readonly id: string;
  readonly now: Date;
  /** Works in one transaction. */
  readonly run: Store["run"];
  /** A text without secrets, as everywhere where people read customers' words. */
  readonly mask: (text: string) => string;
}

/** What a POST has besides: its Idempotency-Key, and a random name that is the same whenever the request is carried out. */
export interface KeyedCall extends Call {
  readonly key: string;
  readonly seed: string;
}

/** What an operation is described by. */
interface Description<Sent extends z.ZodType, Answer extends z.ZodType> {
  /** Unique, as generated clients call it. */
  readonly name: string;
  readonly path: string;
  readonly scope: TokenScope;
  readonly summary: string;
  /** What the query or the body says. */
  readonly sent: Sent;
  readonly answer: Answer;
  /** Statuses of refusals besides those that every operation has. */
  readonly refusals: readonly number[];
}

/** A question, whose answer changes nothing. */
interface Question<Sent extends z.ZodType, Answer extends z.ZodType> extends Description<
  Sent,
  Answer
> {
  readonly method: "get";
  work(call: Call, sent: z.output<Sent>): Promise<z.input<Answer>>;
}

/** A request that changes something. */
interface Change<Sent extends z.ZodType, Answer extends z.ZodType> extends Description<
  Sent,
  Answer
> {
  readonly method: "post";
  readonly status: 200 | 201 | 202;
  /** The largest body, as Express reads it. */
  readonly bodyMax: string;
  /** True where it is done once although it is begun again after it was cut off. */
  readonly isRepeatable: boolean;
  work(call: KeyedCall, sent: z.output<Sent>): Promise<z.input<Answer>>;
}

/** An operation, whatever it reads; `prepare` throws `input.invalid` with every field that is wrong. */
export type Operation =
  | (Omit<Question<z.ZodType, z.ZodType>, "work"> & {
      prepare(sent: unknown): (call: Call) => Promise<unknown>;
    })
  | (Omit<Change<z.ZodType, z.ZodType>, "work"> & {
      prepare(sent: unknown): (call: KeyedCall) => Promise<unknown>;
    });

/** A question as an operation. */
export function question<Sent extends z.ZodType, Answer extends z.ZodType>({
  work,
  ...given
}: Omit<Question<Sent, Answer>, "method">): Operation {
  return {
    ...given,
    method: "get",
    prepare(query) {
      const sent = readInput(given.sent, query, "query");
      return (call) => work(call, sent);
    },
  };
}

/** A change as an operation. */
export function change<Sent extends z.ZodType, Answer extends z.ZodType>({
  work,
  ...given
}: Omit<Change<Sent, Answer>, "method">): Operation {
  return {
    ...given,
    method: "post",
    prepare(body) {
      const sent = readInput(given.sent, body);
      return (call) => work(call, sent);
    },
  };
}

/** The refusal for what is not there, and for what this caller may not know of. */
export function notFound(): ApiRefusal {
  return new ApiRefusal("not_found", "nothing that you may see has this id");
}

/** Where a page of a list begins; what the page before says is `next_cursor`. */
export const CursorField = z
  .string()
  .max(900)
  .optional()
  .describe("`next_cursor` of the page before; left out for the first page");

/** A position in a list as text that says nothing of what it is made of. */
export function cursorOut(position: string | null): string | null {
  return position === null ? null : Buffer.from(position).toString("base64url");
}

/** The position again; null for the beginning. Throws `input.invalid` for a text that is none of these. */
export function cursorIn<Position>(
  cursor: string | undefined,
  read: (text: string) => Position | null,
): Position | null {
  if (cursor === undefined) return null;
  const position = read(Buffer.from(cursor, "base64url").toString());
  if (position === null) throw invalidInput("cursor: take it from next_cursor as it is");
  return position;
}
