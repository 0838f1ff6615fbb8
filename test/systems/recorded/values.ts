/** Values of recorded answers and of requests that arrived, by the dotted path of each. */
import { z } from "zod";
import type { Records } from "#systems/contract.ts";
import type { Arrival } from "#test/systems/stand-in.ts";

const Members = z.record(z.string(), z.unknown());
const Patch = z.array(z.object({ path: z.string(), value: z.unknown() }));

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function leaves(value: unknown, path = ""): readonly (readonly [string, unknown])[] {
  if (!isObject(value)) return [[path, value]];
  return Object.entries(value).flatMap(([name, inner]) =>
    leaves(inner, path === "" ? name : `${path}.${name}`),
  );
}

function put(value: unknown, path: string, given: unknown): unknown {
  if (path === "") return given;
  const [name = "", ...rest] = path.split(".");
  const before = isObject(value) ? Object.getOwnPropertyDescriptor(value, name)?.value : undefined;
  const inner = put(before, rest.join("."), given);
  if (!/^\d+$/.test(name)) return { ...Members.catch({}).parse(value), [name]: inner };
  const list = Array.isArray(value) ? [...value] : [];
  list[Number(name)] = inner;
  return list;
}

/** A text that is a number is that number: systems and forms write 50 and 50.00 alike. */
function numbers(values: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      const text = String(value);
      return [name, text !== "" && Number.isFinite(Number(text)) ? String(Number(text)) : text];
    }),
  );
}

/** What a request carried, by the path of each value, whichever way its body was written. */
function body({ headers, text }: Arrival): Readonly<Record<string, string>> {
  const type = headers["content-type"] ?? "";
  if (text === "") return {};
  if (type.includes("form"))
    return numbers(
      Object.fromEntries(
        [...new URLSearchParams(text)].map(([name, value]) => [
          name.replaceAll(/\[([^\]]*)\]/g, ".$1"),
          value,
        ]),
      ),
    );
  const given: unknown = JSON.parse(text);
  if (type.includes("patch"))
    return numbers(
      Object.fromEntries(
        Patch.parse(given).map(({ path, value }) => [path.slice(1).replaceAll("/", "."), value]),
      ),
    );
  return numbers(Object.fromEntries(leaves(given).filter(([name]) => name !== "")));
}

export const flat = {
  body,
  numbers,
  /** Puts values at their paths. */
  nest: (values: Readonly<Record<string, unknown>>): unknown =>
    Object.entries(values).reduce<unknown>((made, [path, value]) => put(made, path, value), {}),
};

/** The same answer about another customer: the field that proves whose it is has another value. */
export function changed(answer: unknown, { at, many }: Records, field: string): unknown {
  const path = [at, many ? "0" : "", field].filter((part) => part !== "").join(".");
  return put(answer, path, "somebody-else-7");
}

/** The same answer without any record. */
export function without(answer: unknown, { at, many }: Records): unknown {
  return many ? put(answer, at, []) : put(answer, at, null);
}

/** The same value with the key of the effect where it stands. */
export function withKey<Given>(given: Given, key: string): Given {
  return JSON.parse(JSON.stringify(given ?? null).replaceAll("<key>", key));
}
