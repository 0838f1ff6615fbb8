/** The errors Deskhand names, and whether each is worth a retry. */

/** One row per named failure. `retry` is what the queue reads; nothing else decides that. */
const CODES = {
  "input.invalid": { retry: false, status: 400 },
  "input.unverified": { retry: false, status: 401 },
  "input.forbidden": { retry: false, status: 403 },
  "input.too_large": { retry: false, status: 413 },
  "input.rate_limited": { retry: true, status: 429 },
  "config.invalid": { retry: false, status: 500 },
  "policy.invalid": { retry: false, status: 500 },
  "channel.unsupported": { retry: false, status: 500 },
  "channel.unavailable": { retry: true, status: 503 },
  "channel.rate_limited": { retry: true, status: 503 },
  "channel.unauthorized": { retry: true, status: 503 },
  "channel.refused": { retry: false, status: 502 },
  "channel.conflict": { retry: false, status: 409 },
  "channel.uncertain": { retry: false, status: 502 },
  "shop.unavailable": { retry: true, status: 503 },
  "shop.refused": { retry: false, status: 502 },
  "shop.uncertain": { retry: false, status: 502 },
  "shop.contradicted": { retry: false, status: 502 },
  "model.unavailable": { retry: true, status: 503 },
  "model.invalid_answer": { retry: false, status: 502 },
  "tool.invalid_output": { retry: false, status: 502 },
  "approval.stale": { retry: false, status: 409 },
  "store.unavailable": { retry: true, status: 503 },
  "store.fenced": { retry: false, status: 409 },
  "store.in_use": { retry: false, status: 500 },
  "store.newer_schema": { retry: true, status: 503 },
  "store.bad_backup": { retry: false, status: 500 },
  "store.not_empty": { retry: false, status: 409 },
  "queue.unavailable": { retry: true, status: 503 },
  "queue.evicting": { retry: false, status: 500 },
} as const satisfies Record<string, { retry: boolean; status: number }>;

export type ErrorCode = keyof typeof CODES;

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
    options: { cause?: unknown; retryAfterMs?: number; notTried?: boolean } = {},
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.retryAfterMs = options.retryAfterMs;
    this.notTried = options.notTried ?? false;
  }

  get retry(): boolean {
    return CODES[this.code].retry;
  }

  /** The HTTP status of our endpoints for this error. */
  get status(): number {
    return CODES[this.code].status;
  }
}

/** A sentence for a log or a card, whatever was thrown. */
export function reasonOf(error: unknown): string {
  if (error instanceof DeskhandError) return `${error.code}: ${error.message}`;
  return error instanceof Error ? error.message : String(error);
}
