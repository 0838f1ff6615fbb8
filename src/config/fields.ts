/** The kinds of values that environment variables have. */
import { z } from "zod";
import { Secret } from "./secret.ts";

/** Any text that is not blank. */
export const text = z.string().trim().min(1);

/** A text that is never printed. */
export const secret = text.transform((value) => new Secret(value));

/** A port; 0 takes a free one. */
export const port = whole(0, 65_535);

/** An address of a web page or an API. */
export const url = z.url({ protocol: /^https?$/ });

/** A whole number within these bounds. */
export function whole(min: number, max: number) {
  return z.coerce.number().int().min(min).max(max);
}
