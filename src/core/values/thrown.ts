/** Describes programming errors so that they can be shown without leaking text. */
import { DeskhandError, errorCode } from "./errors.ts";
import type { InputGuard } from "#core/contracts/guard.ts";
import type { Span } from "./trace.ts";

/** A statement that the database refused for good; its cause is the driver's error, with the SQLSTATE as its code. */
export class RefusedStatement extends Error {
  override readonly name = "RefusedStatement";
}

/** A programming error, as people and programs are told of it. */
export interface ErrorDescription {
  /** Class and place: the same error has the same kind whatever text triggered it. Contains no user text. */
  readonly kind: string;
  readonly name: string;
  /** May quote the text that was read: for the trace, never for a log. */
  readonly message: string;
  /** The innermost calls, as `function (file:line)`. */
  readonly frames: readonly string[];
}

/** A check or another pure reader threw: trying again with the same text would throw again. */
export class CheckThrew extends Error {
  override readonly name = "CheckThrew";
  readonly thrown: ErrorDescription;

  constructor(thrown: ErrorDescription, cause: unknown) {
    super(`a check threw: ${thrown.kind}`, { cause });
    this.thrown = thrown;
  }
}

/** The name of the span that records it. */
export const CHECK_THREW = "check threw";

/**
 * True for an operating error instead of a programming error: a named error of ours, a refusal by the database, an
 * aborted call, and system errors about network and files. Pure code throws none of these. A value that the database
 * cannot take (SQLSTATE class 22) comes from the text, and would be refused again.
 */
export function isOperating(error: unknown): boolean {
  if (error instanceof DeskhandError) return true;
  if (error instanceof RefusedStatement) return !/^22[0-9A-Z]{3}$/.test(errorCode(error.cause));
  if (!(error instanceof Error)) return false;
  if (error.name === "AbortError" || error.name === "TimeoutError") return true;
  return "syscall" in error || (error.cause !== undefined && isOperating(error.cause));
}

const FRAMES_MAX = 5;
const MESSAGE_MAX = 200;

/** Describes what was thrown by a programming error. */
export function describeThrown(error: unknown): ErrorDescription {
  if (!(error instanceof Error))
    return { kind: "no error at all", name: typeof error, message: "", frames: [] };
  const name = error.constructor.name;
  const frames = stackFrames(error);
  const place = frames.find((frame) => frame.includes(".ts:")) ?? frames[0];
  return {
    kind: place === undefined ? name : `${name} in ${place.replace(/:\d+\)$/, ")")}`,
    name,
    message: error.message.slice(0, MESSAGE_MAX),
    frames,
  };
}

/** The stack repeats the message, which may contain lines that look like calls: only what follows it is parsed. */
function stackFrames({ stack = "", message }: Error): readonly string[] {
  const at = stack.indexOf(message);
  const calls = at === -1 ? stack : stack.slice(at + message.length);
  return [...calls.matchAll(/^ {4}at (?:(?<call>[^\n(]+) \()?(?<place>[^\n)]*)\)?$/gm)]
    .slice(0, FRAMES_MAX)
    .map(({ groups }) => {
      const file = groups?.["place"]?.match(/(?<![^/\\])([^/\\]+:\d+):\d+$/)?.[1] ?? "native";
      return `${groups?.["call"] ?? "module"} (${file})`;
    });
}

/** The same as a span of the turn, with the message masked, or empty when the mask itself throws. */
export function thrownSpan(
  thrown: ErrorDescription,
  guard: Pick<InputGuard, "mask">,
  at: Date,
): Span {
  return {
    name: CHECK_THREW,
    startedAt: at.toISOString(),
    durationMs: 0,
    attributes: {
      "error.type": thrown.name,
      "exception.message": maskOr(guard, thrown.message, ""),
      "deskhand.frames": [...thrown.frames],
    },
  };
}

/** The masked text, or `otherwise` when the mask itself throws: unmasked text is never shown instead. */
export function maskOr(guard: Pick<InputGuard, "mask">, text: string, otherwise: string): string {
  return checkedOr(() => guard.mask(text), otherwise);
}

/** The language, or null when the detection throws, as for text that is too short. */
export function languageOr(
  guard: Pick<InputGuard, "languageOf">,
  messages: Parameters<InputGuard["languageOf"]>[0],
): string | null {
  return checkedOr(() => guard.languageOf(messages), null);
}

/** The result of a check, or `otherwise` when this check is the one that throws. */
export function checkedOr<T>(check: () => T, otherwise: T): T {
  try {
    return check();
  } catch (error) {
    if (isOperating(error)) throw error;
    return otherwise;
  }
}
