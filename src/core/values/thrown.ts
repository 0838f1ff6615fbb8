import { DeskhandError } from "./errors.ts";
import type { InputGuard } from "#core/contracts/guard.ts";
import type { Span } from "./trace.ts";

/** A statement that the database refused for good; its cause is the driver's error, with the SQLSTATE as its code. */
export class RefusedStatement extends Error {
  override readonly name = "RefusedStatement";
}

/** What was thrown by mistake, as people and programs are told of it. */
export interface Thrown {
  /** Class and place: the same mistake has the same kind whatever text it came up with. Holds no words of anybody. */
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
  readonly thrown: Thrown;

  constructor(thrown: Thrown, cause: unknown) {
    super(`a check threw: ${thrown.kind}`, { cause });
    this.thrown = thrown;
  }
}

/** The name of the span that tells of it. */
export const CHECK_THREW = "check threw";

/**
 * True for an error that tells of the world instead of a mistake: one with a name of ours, a refusal of the database, a
 * call that was ended, and whatever the system says about network and files. Pure code throws none of these. A value that
 * the database cannot take (SQLSTATE class 22) is the text's, and would be refused again.
 */
export function isOperating(error: unknown): boolean {
  if (error instanceof DeskhandError) return true;
  if (error instanceof RefusedStatement) return !isBadData(error.cause);
  if (!(error instanceof Error)) return false;
  if (error.name === "AbortError" || error.name === "TimeoutError") return true;
  return "syscall" in error || (error.cause !== undefined && isOperating(error.cause));
}

function isBadData(cause: unknown): boolean {
  if (!(cause instanceof Error) || !("code" in cause)) return false;
  return typeof cause.code === "string" && /^22[0-9A-Z]{3}$/.test(cause.code);
}

const FRAMES_MAX = 5;
const MESSAGE_MAX = 200;

/** Describes whatever was thrown by mistake. */
export function describeThrown(error: unknown): Thrown {
  if (!(error instanceof Error))
    return { kind: "no error at all", name: typeof error, message: "", frames: [] };
  const name = error.constructor.name;
  const frames = framesOf(error);
  const place = frames.find((frame) => frame.includes(".ts:")) ?? frames[0];
  return {
    kind: place === undefined ? name : `${name} in ${place.replace(/:\d+\)$/, ")")}`,
    name,
    message: error.message.slice(0, MESSAGE_MAX),
    frames,
  };
}

/** The message stands in the stack as well, and may hold lines that look like calls: only what follows it is read. */
function framesOf({ stack = "", message }: Error): readonly string[] {
  const at = stack.indexOf(message);
  const calls = at === -1 ? stack : stack.slice(at + message.length);
  return [...calls.matchAll(/^ {4}at (?:(?<call>[^\n(]+) \()?(?<place>[^\n)]*)\)?$/gm)]
    .slice(0, FRAMES_MAX)
    .map(({ groups }) => {
      const file = groups?.["place"]?.match(/([^/\\]+:\d+):\d+$/)?.[1] ?? "native";
      return `${groups?.["call"] ?? "module"} (${file})`;
    });
}

/** The same as a step of the turn, its message masked where the mask can be trusted with it. */
export function spanOf(thrown: Thrown, guard: Pick<InputGuard, "mask">, at: Date): Span {
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

/** Masked words, or what stands in their place when the mask itself throws: nothing unmasked is ever shown instead. */
export function maskOr(guard: Pick<InputGuard, "mask">, text: string, otherwise: string): string {
  try {
    return guard.mask(text);
  } catch (error) {
    if (isOperating(error)) throw error;
    return otherwise;
  }
}

/** The language, or null as for words too few to tell when finding it out throws. */
export function languageOr(
  guard: Pick<InputGuard, "languageOf">,
  messages: Parameters<InputGuard["languageOf"]>[0],
): string | null {
  try {
    return guard.languageOf(messages);
  } catch (error) {
    if (isOperating(error)) throw error;
    return null;
  }
}
