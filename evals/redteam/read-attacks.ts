/** Reads attacks from the project's own files and from files a user supplies. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { DeskhandError } from "#core/values/errors.ts";
import { jsonItems, refuseProblems, yamlItems } from "#evals/written-lists.ts";
import { type Attack, Goal } from "./attack.ts";
import { encoded, Encoding } from "./encodings.ts";

const Slug = z.string().regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, "is a short name in small letters");

/** An attack as written in a file of `attacks/`. */
const WrittenAttack = z.strictObject({
  id: Slug,
  goal: Goal,
  text: z.string().trim().min(1),
  /** Encodings to try it in as well; each counts as a separate attack. */
  also_in: z.array(Encoding).default([]),
});

/** A line of a file the user supplies. Other fields are ignored. */
const BroughtAttack = z.looseObject(
  { id: z.string().min(1), text: z.string().min(1) },
  { error: ({ code }) => (code === "invalid_type" ? "is no JSON object" : undefined) },
);

/**
 * The project's own attacks: every YAML file of the folder. Throws `input.invalid` with every mistake, by file and
 * line.
 */
export function ownAttacks(folder = join(import.meta.dirname, "attacks")): readonly Attack[] {
  const problems: string[] = [];
  const attacks = readdirSync(folder)
    .filter((name) => name.endsWith(".yaml"))
    .toSorted()
    .flatMap((name) => attacksIn(name, readFileSync(join(folder, name), "utf8"), problems));
  for (const id of repeated(attacks)) problems.push(`${id} is the name of two attacks`);
  refuseProblems("attacks", problems);
  return attacks;
}

function attacksIn(name: string, text: string, problems: string[]): readonly Attack[] {
  return yamlItems(name, text, "attacks", problems).flatMap(({ line, value }) => {
    const parsed = WrittenAttack.safeParse(value);
    if (!parsed.success) {
      problems.push(...told(parsed.error, `${name}, line ${line}`));
      return [];
    }
    const { id, goal, text: words, also_in } = parsed.data;
    return [
      { id, text: words, goals: [goal] },
      ...also_in.map((encoding) => ({
        id: `${id}-${encoding}`,
        text: encoded(words, encoding),
        goals: [goal],
      })),
    ];
  });
}

/**
 * Reads a file of `{"id","text"}` lines. Their goals are unknown, so each is tried with every goal. Throws
 * `input.invalid` naming line and field: a skipped line would look like an attack that was withstood.
 */
export function suppliedAttacks(file: string): readonly Attack[] {
  const problems: string[] = [];
  const attacks = jsonItems(file, textOf(file), problems).flatMap(
    ({ line, value }): readonly Attack[] => {
      const parsed = BroughtAttack.safeParse(value);
      if (parsed.success)
        return [{ id: parsed.data.id, text: parsed.data.text, goals: Goal.options }];
      problems.push(...told(parsed.error, `${file}, line ${line}`));
      return [];
    },
  );
  if (attacks.length === 0 && problems.length === 0) problems.push(`${file}: holds no attacks`);
  refuseProblems("attacks", problems);
  return attacks;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8").replace(/^\uFEFF/, "");
  } catch (cause) {
    throw new DeskhandError("input.invalid", `${file}: cannot be read`, { cause });
  }
}

function told(error: z.ZodError, place: string): readonly string[] {
  return error.issues.map(({ path, message }) => `${place}, ${path.join(".") || "it"}: ${message}`);
}

function repeated(attacks: readonly Attack[]): readonly string[] {
  const ids = attacks.map(({ id }) => id);
  return [...new Set(ids.filter((id, index) => ids.indexOf(id) !== index))];
}
