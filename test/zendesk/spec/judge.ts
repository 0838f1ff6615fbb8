import type { Recorded } from "./recording.ts";
import type { Violation } from "./replay.ts";

/** Where a deviation from the document is accepted, and why. */
export interface Accepted {
  readonly name: string;
  /** Why the sandbox does otherwise than the document says. */
  readonly reason: string;
  /** Whether this finding is of that kind. */
  readonly covers: (finding: Finding) => boolean;
}

/** One rule of the document that one kind of call broke. */
export interface Finding {
  readonly method: string;
  /** With `{id}` in place of numbers and other ids. */
  readonly path: string;
  readonly status: number;
  /** `route` when the document has no such path, `proxy` when the call did not get through. */
  readonly in: "request" | "response" | "route" | "proxy";
  /** Path of the property in question, `[]` for any place of a list. */
  readonly where: string;
  /** What the answer contains there. */
  readonly value: "null" | "array" | "other";
  readonly message: string;
}

/** A finding with the number of calls it was seen in. */
interface Counted extends Finding {
  readonly calls: number;
}

/** What comes of all findings. */
export interface Verdict {
  readonly violations: readonly Counted[];
  readonly accepted: readonly {
    readonly name: string;
    readonly reason: string;
    readonly calls: number;
    readonly paths: readonly string[];
  }[];
  /** Accepted deviations that nothing showed: they are to be taken off the list. */
  readonly stale: readonly string[];
  /** Wrong requests that the sandbox refused as well, which is what they were sent for. */
  readonly refused: number;
  /** Method and path of everything that was called. */
  readonly operations: readonly string[];
}

/** Sorts what the proxy found in each call into violations and what is accepted. */
export function judge(
  calls: readonly Recorded[],
  found: readonly (readonly Violation[])[],
  deviations: readonly Accepted[],
): Verdict {
  const counted = new Map<string, Counted>();
  const hits = new Map<string, { calls: number; paths: Set<string> }>();
  let refused = 0;
  for (const [index, call] of calls.entries()) {
    const findings = findingsOf(call, found[index] ?? []);
    for (const [key, finding] of findings) {
      // What the sandbox refused too was sent to be refused.
      if ((finding.in === "request" || finding.in === "route") && call.status >= 400) {
        refused += 1;
        continue;
      }
      const deviation = deviations.find(({ covers }) => covers(finding));
      if (deviation === undefined) {
        counted.set(key, { ...finding, calls: (counted.get(key)?.calls ?? 0) + 1 });
        continue;
      }
      const hit = hits.get(deviation.name) ?? { calls: 0, paths: new Set() };
      hit.calls += 1;
      hit.paths.add(`${finding.method} ${finding.path}`);
      hits.set(deviation.name, hit);
    }
  }
  return {
    violations: [...counted.values()].toSorted((one, other) => other.calls - one.calls),
    accepted: deviations.flatMap(({ name, reason }) => {
      const hit = hits.get(name);
      return hit ? [{ name, reason, calls: hit.calls, paths: [...hit.paths].toSorted() }] : [];
    }),
    stale: deviations.filter(({ name }) => !hits.has(name)).map(({ name }) => name),
    refused,
    operations: [...new Set(calls.map((call) => `${call.method} ${pathOf(call)}`))].toSorted(),
  };
}

/** The findings of one call, each once. */
function findingsOf(call: Recorded, violations: readonly Violation[]): Map<string, Finding> {
  const answer: unknown = parsed(call.body);
  // "Matches none of the alternatives" says nothing beyond what is said of the alternatives themselves.
  const telling = violations.filter(
    (one) => !isAlternative(one) || !violations.some((other) => isBelow(other, one)),
  );
  const findings = telling.map((violation) => findingOf(call, violation, answer));
  return new Map(findings.map((finding) => [JSON.stringify(finding), finding]));
}

function isAlternative({ message }: Violation): boolean {
  return /must match (?:a schema in anyOf|exactly one schema in oneOf)$/u.test(message);
}

function isBelow(other: Violation, one: Violation): boolean {
  return (
    !isAlternative(other) && one.location.every((step, index) => other.location[index] === step)
  );
}

function findingOf(call: Recorded, { location, message }: Violation, answer: unknown): Finding {
  const [part, ...rest] = location.map(String);
  const route = message === "Selected route not found";
  return {
    method: call.method,
    path: pathOf(call),
    status: call.status,
    in: route ? "route" : part === "request" || part === "proxy" ? part : "response",
    where: rest.map((step) => (/^\d+$/u.test(step) ? "[]" : step)).join("."),
    value: part === "response" ? kindAt(answer, rest.slice(1)) : "other",
    message: message.replaceAll(/\b\d+\b/gu, "N"),
  };
}

function parsed(body: string | null): unknown {
  try {
    return JSON.parse(body ?? "null");
  } catch {
    return body;
  }
}

function kindAt(value: unknown, steps: readonly string[]): Finding["value"] {
  const [step, ...rest] = steps;
  if (step === undefined) return value === null ? "null" : Array.isArray(value) ? "array" : "other";
  if (typeof value !== "object" || value === null) return "other";
  return kindAt(Object.entries(value).find(([name]) => name === step)?.[1], rest);
}

/** The path below the account's address with `{id}` for every id, without the query. */
function pathOf({ target }: Recorded): string {
  const [path = ""] = target.split("?");
  return path
    .split("/")
    .map((part) => part.replace(/^(?:\d+|(?=[^.]*\d)[\w-]{20,})(?=\.json$|$)/u, "{id}"))
    .join("/");
}
