/** The policies a case may be played under: the sandbox's own, and small changes of it in files. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { DeskhandError } from "#core/values/errors.ts";
import { type LoadedPolicy, loadPolicy } from "#policy/load-policy.ts";

/** Where the files are that a case's `policy` names. */
export const OWN_POLICIES = join(import.meta.dirname, "../policies");

const Tables = z.record(z.string(), z.json());
type Tables = z.infer<typeof Tables>;

/**
 * Reads policies by name, each once: a file of the folder, laid over the text given. A table is merged into its
 * namesake, null takes away, anything else replaces. Throws `input.invalid` for a name without a file and `policy.invalid` for a
 * policy that cannot be.
 */
export function policiesOver(base: string, folder: string = OWN_POLICIES): Policies {
  const read = new Map<string | null, LoadedPolicy>();
  return (name) => {
    const known = read.get(name);
    if (known !== undefined) return known;
    const policy =
      name === null
        ? loadPolicy(base, "the policy")
        : loadPolicy(stringify(laidOver(tablesIn(base), tablesIn(textOf(folder, name)))), name);
    read.set(name, policy);
    return policy;
  };
}

/** A policy by the name a case gives it; null for the one without changes. */
export type Policies = (name: string | null) => LoadedPolicy;

function textOf(folder: string, name: string): string {
  const file = join(folder, `${name}.yaml`);
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new DeskhandError(
      "input.invalid",
      `no policy is called ${name}: ${file} cannot be read`,
      {
        cause,
      },
    );
  }
}

function tablesIn(text: string): Tables {
  return Tables.parse(parse(text));
}

function laidOver(below: Tables, above: Tables): Tables {
  const changed = Object.entries(above).flatMap(([key, value]) => {
    const [under, over] = [Tables.safeParse(below[key]), Tables.safeParse(value)];
    const merged = under.success && over.success ? laidOver(under.data, over.data) : value;
    return merged === null ? [] : [[key, merged] as const];
  });
  const kept = Object.entries(below).filter(([key]) => !Object.hasOwn(above, key));
  return Object.fromEntries([...kept, ...changed]);
}
