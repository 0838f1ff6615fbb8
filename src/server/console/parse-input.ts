/** Parses what a page sent. */

import type { z } from "zod";
import { DeskhandError } from "#core/values/errors.ts";

/** The parsed value; throws `input.invalid` with every field that is wrong. */
export function parseInput<Shape extends z.ZodType>(shape: Shape, value: unknown): z.output<Shape> {
  const result = shape.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.map(
    ({ path, message }) => `${path.join(".") || "body"}: ${message}`,
  );
  throw new DeskhandError("input.invalid", problems.join("; "));
}
