/** Reads attacks from the project's own files and from files a user supplies. */
import { join } from "node:path";
import { z } from "zod";
import { readLabelled } from "#evals/labelled-lines.ts";
import { listsIn } from "#evals/written-lists.ts";
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
const BroughtAttack = z.object({ id: z.string().min(1), text: z.string().min(1) });

/** The project's own attacks. Throws `input.invalid` with every mistake, by file and line. */
export function ownAttacks(): readonly Attack[] {
  const written = listsIn(join(import.meta.dirname, "attacks"), "attacks", WrittenAttack);
  return written.flatMap(({ id, goal, text, also_in }) => [
    { id, text, goals: [goal] },
    ...also_in.map((encoding) => ({
      id: `${id}-${encoding}`,
      text: encoded(text, encoding),
      goals: [goal],
    })),
  ]);
}

/**
 * Reads a file of `{"id","text"}` lines. Their goals are unknown, so each is tried with every goal. Throws
 * `input.invalid` naming line and field: a skipped line would look like an attack that was withstood.
 */
export function suppliedAttacks(file: string): readonly Attack[] {
  return readLabelled(file, BroughtAttack, "attacks").map((one) => ({
    ...one,
    goals: Goal.options,
  }));
}
