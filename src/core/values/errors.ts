/** The errors Deskhand names, and whether each is worth a retry. */

import type { z } from "zod";

/**
 * One row per named failure. `retry` is what the queue reads; nothing else decides that. `docs/errors.md` is made from
 * these rows.
 */
export const ERROR_CODES = {
  "input.invalid": lasting(400, "a message, form or command that cannot be read"),
  "input.unverified": lasting(401, "a signature, token or session that is not valid"),
  "input.forbidden": lasting(
    403,
    "known, but not allowed, such as a `user_id` that is not the token's",
  ),
  "input.too_large": lasting(413, "a body over the limit"),
  "input.rate_limited": passing(429, "too many messages; `Retry-After` says when to try again"),
  "config.invalid": lasting(
    500,
    "mistakes in environment variables or help pages, all in one message",
  ),
  "policy.invalid": lasting(
    500,
    "mistakes in the policy, each with its line, or an operation without a rule",
  ),
  "channel.unsupported": lasting(500, "an operation that a channel, shop or desk does not have"),
  "channel.unavailable": passing(503, "a channel could not be reached, and nothing happened there"),
  "channel.rate_limited": passing(503, "a channel asks to slow down"),
  "channel.unauthorized": passing(
    503,
    "a channel refuses our token, also a renewed one; `doctor` says what to do",
  ),
  "channel.refused": lasting(502, "a channel said no for good"),
  "channel.conflict": lasting(409, "the conversation changed at its source; the turn is run again"),
  "channel.uncertain": lasting(
    502,
    "no answer came back, so it may have happened; the channel is asked",
  ),
  "shop.unavailable": passing(
    503,
    "the shop cannot be asked; the customer is told once, and after `shop_retry_minutes` people take over",
  ),
  "shop.refused": lasting(502, "the shop said no; a person is told"),
  "shop.uncertain": lasting(
    502,
    "the shop's answer was lost; it is asked by the key of the request",
  ),
  "shop.contradicted": lasting(
    502,
    "the shop's receipt is about something else than was asked; a person looks",
  ),
  "system.unavailable": passing(503, "your system cannot be asked, and nothing happened there"),
  "system.refused": lasting(502, "your system said no; a person is told"),
  "system.uncertain": lasting(
    502,
    "your system's answer was lost; it is asked what happened, else a person looks",
  ),
  "system.contradicted": lasting(
    502,
    "your system says that it is done without proof; it is asked what happened, else a person looks",
  ),
  "model.unavailable": passing(503, "the language model does not answer or is busy"),
  "model.refused": passing(
    503,
    "the model's provider refuses every request: key, credit, model or parameter; conversations wait, `doctor` shows its words",
  ),
  "model.declined": lasting(502, "the model or its provider's filter declines; people take over"),
  "model.too_long": lasting(
    502,
    "longer than the model's context; asked once more without the older part, then people take over",
  ),
  "model.invalid_answer": lasting(
    502,
    "the model's answer cannot be used; asked once more, then people take over",
  ),
  "tool.invalid_output": lasting(502, "a look-up returned data of another shape; people take over"),
  "approval.stale": lasting(409, "a card was changed at the same moment; look at it again"),
  "store.unavailable": passing(
    503,
    "database or storage for raw mails cannot be reached or takes no writes; sources are asked to send again",
  ),
  "store.fenced": lasting(409, "another process took the conversation or inbox over"),
  "store.in_use": lasting(500, "another Deskhand uses the data folder; its process id is named"),
  "store.newer_schema": passing(
    503,
    "the database or a row is of a newer version, or a migration was changed",
  ),
  "store.older_schema": lasting(
    500,
    "the database or backup is older: only a start of this version upgrades it, and only from 0.3.0 on",
  ),
  "store.bad_backup": lasting(500, "the file is no whole backup; nothing was changed"),
  "store.not_empty": lasting(409, "the database to restore into has content"),
  "queue.unavailable": passing(
    503,
    "Redis cannot be reached or refuses writes; waiting work is found without it",
  ),
  "queue.evicting": lasting(
    500,
    "Redis may evict keys and would lose work; set `maxmemory-policy noeviction`",
  ),
} as const;

/** A failure that stays one however often it is tried. */
function lasting(status: number, meaning: string) {
  return { retry: false, status, meaning };
}

/** A failure that may be over at the next try. */
function passing(status: number, meaning: string) {
  return { retry: true, status, meaning };
}

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

/** What a value has to be, by the name its kind has in a schema. */
const KINDS: Readonly<Partial<Record<string, string>>> = {
  number: "a number",
  int: "a whole number",
  string: "a text",
  boolean: "true or false",
  array: "a list",
  object: "settings with names",
  record: "settings with names",
  url: "an address, such as https://shop.example",
  email: "a mail address, such as ann@shop.example",
};

/**
 * What is wrong with a setting, as its writer would say it, for schemas that have no words of their own for it. It goes
 * to a schema as `error`; what was written is no part of it.
 */
export function settingProblem(issue: z.core.$ZodRawIssue): string | undefined {
  const { code } = issue;
  if (code === "invalid_type")
    return issue.input === undefined ? "is missing" : kindText(issue.expected);
  if (code === "invalid_format") return kindText(issue.format);
  if (code === "invalid_value")
    return `must be ${issue.values.length > 1 ? "one of " : ""}${issue.values.join(", ")}`;
  if (code === "too_small")
    return boundText(issue, issue.inclusive === false ? "more than" : "at least", issue.minimum);
  if (code === "too_big")
    return boundText(issue, issue.inclusive === false ? "less than" : "at most", issue.maximum);
  return undefined;
}

function kindText(kind: string): string | undefined {
  const words = KINDS[kind];
  return words === undefined ? undefined : `must be ${words}`;
}

function boundText(
  { origin: of }: { readonly origin: string },
  how: string,
  bound: number | bigint,
): string {
  const verb = of === "string" || of === "array" || of === "record" ? "must have" : "must be";
  const what = of === "string" ? " characters" : verb === "must be" ? "" : " entries";
  return `${verb} ${how} ${bound}${what}`;
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
