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

/** Plain http is for a server on this machine only. What is no address at all is told by its own check. */
export function isProtected(address: string): boolean {
  const { protocol, hostname } = URL.parse(address) ?? { protocol: "https:", hostname: "" };
  return protocol === "https:" || ["127.0.0.1", "[::1]", "localhost"].includes(hostname);
}

/** An address that secrets are sent to. */
export const protectedUrl = url.refine(isProtected, "must be https, since secrets are sent there");

/** The items of a list with commas between them; empty ones are skipped. */
export function listIn(list = ""): readonly string[] {
  return list
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");
}

/** A whole number within these bounds. */
export function whole(min: number, max: number) {
  return z.coerce.number().int().min(min).max(max);
}
