/** Writes down what a script calls and what it is told, so that a failure can be shown as the calls that led to it. */
import { cut, written } from "#conformance/cases/case.ts";
import type { Effect } from "#conformance/contract.ts";

/** The same object, each of whose methods leaves a line. */
export function recorded<Target extends object>(target: Target, lines: string[]): Target {
  return new Proxy(target, {
    get(from, name) {
      const value: unknown = Reflect.get(from, name);
      if (typeof value !== "function" || typeof name !== "string" || name === "spell") return value;
      return (...given: readonly unknown[]): unknown => {
        const index = lines.push(`${name} ${given.map(told).join(" ")}`.trim()) - 1;
        const answer: unknown = Reflect.apply(value, from, given);
        if (!(answer instanceof Promise)) return answer;
        return answer.then((result: unknown) => {
          if (result !== undefined) lines[index] = `${lines[index]} → ${told(result)}`;
          return result;
        });
      };
    },
  });
}

function told(value: unknown): string {
  if (Array.isArray(value))
    return value.length === 0 ? "nothing" : cut(value.slice(0, 6).map(told).join(", "));
  if (typeof value !== "object" || value === null) return cut(String(value));
  if (isCall(value)) return written(value);
  if ("accepted" in value)
    return "reason" in value ? `refused: ${cut(String(value.reason))}` : "accepted";
  if ("kind" in value) return "call" in value ? `edit to ${told(value.call)}` : String(value.kind);
  if ("id" in value) return String(value.id);
  return cut(JSON.stringify(value));
}

function isCall(value: object): value is Effect {
  return "action" in value && "args" in value;
}
