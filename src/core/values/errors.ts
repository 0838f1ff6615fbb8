/** The errors Deskhand names, and whether each is worth a retry. */

import type { z } from "zod";

/**
 * One row per named failure. `retry` is what the queue reads; nothing else decides that. `docs/errors.md` is made from
 * these rows.
 */
export const ERROR_CODES = {
  "input.invalid": {
    retry: false,
    status: 400,
    meaning: "a message, form or command that cannot be read",
  },
  "input.unverified": {
    retry: false,
    status: 401,
    meaning: "a signature, token or session that is not valid",
  },
  "input.forbidden": {
    retry: false,
    status: 403,
    meaning: "known, but not allowed, such as a `user_id` that is not the token's",
  },
  "input.too_large": {
    retry: false,
    status: 413,
    meaning: "a body over the limit",
  },
  "input.rate_limited": {
    retry: true,
    status: 429,
    meaning: "too many messages; `Retry-After` says when to try again",
  },
  "config.invalid": {
    retry: false,
    status: 500,
    meaning: "mistakes in environment variables or help pages, all in one message",
  },
  "policy.invalid": {
    retry: false,
    status: 500,
    meaning: "mistakes in the policy, each with its line, or an operation without a rule",
  },
  "channel.unsupported": {
    retry: false,
    status: 500,
    meaning: "an operation that a channel, shop or desk does not have",
  },
  "channel.unavailable": {
    retry: true,
    status: 503,
    meaning: "a channel could not be reached, and nothing happened there",
  },
  "channel.rate_limited": {
    retry: true,
    status: 503,
    meaning: "a channel asks to slow down",
  },
  "channel.unauthorized": {
    retry: true,
    status: 503,
    meaning: "a channel refuses our token, also a renewed one; `doctor` says what to do",
  },
  "channel.refused": {
    retry: false,
    status: 502,
    meaning: "a channel said no for good",
  },
  "channel.conflict": {
    retry: false,
    status: 409,
    meaning: "the conversation changed at its source; the turn is run again",
  },
  "channel.uncertain": {
    retry: false,
    status: 502,
    meaning: "no answer came back, so it may have happened; the channel is asked",
  },
  "shop.unavailable": {
    retry: true,
    status: 503,
    meaning:
      "the shop cannot be asked; the customer is told once, and after `shop_retry_minutes` people take over",
  },
  "shop.refused": {
    retry: false,
    status: 502,
    meaning: "the shop said no; a person is told",
  },
  "shop.uncertain": {
    retry: false,
    status: 502,
    meaning: "the shop's answer was lost; it is asked by the key of the request",
  },
  "shop.contradicted": {
    retry: false,
    status: 502,
    meaning: "the shop's receipt is about something else than was asked; a person looks",
  },
  "system.unavailable": {
    retry: true,
    status: 503,
    meaning: "your system cannot be asked, and nothing happened there",
  },
  "system.refused": {
    retry: false,
    status: 502,
    meaning: "your system said no; a person is told",
  },
  "system.uncertain": {
    retry: false,
    status: 502,
    meaning: "your system's answer was lost; it is asked what happened, else a person looks",
  },
  "system.contradicted": {
    retry: false,
    status: 502,
    meaning:
      "your system says that it is done without proof; it is asked what happened, else a person looks",
  },
  "model.unavailable": {
    retry: true,
    status: 503,
    meaning: "the language model does not answer or is busy",
  },
  "model.refused": {
    retry: true,
    status: 503,
    meaning:
      "the model's provider refuses every request: key, credit, model or parameter; conversations wait, `doctor` shows its words",
  },
  "model.declined": {
    retry: false,
    status: 502,
    meaning: "the model or its provider's filter declines; people take over",
  },
  "model.too_long": {
    retry: false,
    status: 502,
    meaning:
      "longer than the model's context; asked once more without the older part, then people take over",
  },
  "model.invalid_answer": {
    retry: false,
    status: 502,
    meaning: "the model's answer cannot be used; asked once more, then people take over",
  },
  "tool.invalid_output": {
    retry: false,
    status: 502,
    meaning: "a look-up returned data of another shape; people take over",
  },
  "approval.stale": {
    retry: false,
    status: 409,
    meaning: "a card was changed at the same moment; look at it again",
  },
  "store.unavailable": {
    retry: true,
    status: 503,
    meaning:
      "database or storage for raw mails cannot be reached or takes no writes; sources are asked to send again",
  },
  "store.fenced": {
    retry: false,
    status: 409,
    meaning: "another process took the conversation or inbox over",
  },
  "store.in_use": {
    retry: false,
    status: 500,
    meaning: "another Deskhand uses the data folder; its process id is named",
  },
  "store.newer_schema": {
    retry: true,
    status: 503,
    meaning: "the database or a row is of a newer version, or a migration was changed",
  },
  "store.older_schema": {
    retry: false,
    status: 500,
    meaning:
      "the database or backup is of a version from which no way leads here; bring it to 0.3.0 first",
  },
  "store.bad_backup": {
    retry: false,
    status: 500,
    meaning: "the file is no whole backup; nothing was changed",
  },
  "store.not_empty": {
    retry: false,
    status: 409,
    meaning: "the database to restore into has content",
  },
  "queue.unavailable": {
    retry: true,
    status: 503,
    meaning: "Redis cannot be reached or refuses writes; waiting work is found without it",
  },
  "queue.evicting": {
    retry: false,
    status: 500,
    meaning: "Redis may evict keys and would lose work; set `maxmemory-policy noeviction`",
  },
} as const satisfies Record<string, { retry: boolean; status: number; meaning: string }>;

export type ErrorCode = keyof typeof ERROR_CODES;

/** Whether a text is one of the codes. */
export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(ERROR_CODES, text);
}

/** An operating error: expected, named, handled. Programmer errors stay plain `Error`s, fail the job and are seen. */
export class DeskhandError extends Error {
  override readonly name = "DeskhandError";
  readonly code: ErrorCode;
  /** Set when the other side said how long to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** True when no call was made because calls are being withheld: it does not count as a try. */
  readonly notTried: boolean;

  constructor(
    code: ErrorCode,
    message: string,
    options: { cause?: unknown; retryAfterMs?: number | undefined; notTried?: boolean } = {},
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.retryAfterMs = options.retryAfterMs;
    this.notTried = options.notTried ?? false;
  }

  get retry(): boolean {
    return ERROR_CODES[this.code].retry;
  }

  /** The HTTP status of our endpoints for this error. */
  get status(): number {
    return ERROR_CODES[this.code].status;
  }
}

/** The code of an error of the system or of a driver, such as ENOENT; empty without one. */
export function errorCode(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string"
    ? error.code
    : "";
}

/** A sentence for a log or a card, whatever was thrown. */
export function reasonOf(error: unknown): string {
  if (error instanceof DeskhandError) return `${error.code}: ${error.message}`;
  return error instanceof Error ? error.message : String(error);
}

/** What a schema reads of a value. Throws this error for a value of another shape. */
export function readAs<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  code: ErrorCode,
  words: string,
): z.output<Schema> {
  const { data, error: cause, success } = schema.safeParse(value);
  if (success) return data;
  throw new DeskhandError(code, words, { cause });
}

/** What a schema refuses, field by field; `whole` is the name of the value itself. */
export function schemaProblems(error: z.ZodError | undefined, whole = ""): readonly string[] {
  return (error?.issues ?? []).map(({ path, message }) => `${path.join(".") || whole}: ${message}`);
}

/** What a schema reads of what was sent. Throws `input.invalid` with every field that is wrong; `whole` as above. */
export function readInput<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  whole = "body",
): z.output<Schema> {
  const { data, error, success } = schema.safeParse(value);
  if (success) return data;
  throw invalidInput(schemaProblems(error, whole).join("; "));
}

/** What is typed or sent is wrong in this way, and nothing was done with it. */
export function invalidInput(reason: string, options: ErrorOptions = {}): DeskhandError {
  return new DeskhandError("input.invalid", reason, options);
}

/** What is configured is wrong in this way, and an operator has to change it. */
export function invalidConfig(reason: string, options: ErrorOptions = {}): DeskhandError {
  return new DeskhandError("config.invalid", reason, options);
}
