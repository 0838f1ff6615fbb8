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

/** The same for one that secrets are sent to: plain http is for a server on this machine only. */
export const protectedUrl = url.refine((address) => {
  const { protocol, hostname = "" } = URL.parse(address) ?? {};
  return protocol === "https:" || ["127.0.0.1", "[::1]", "localhost"].includes(hostname);
}, "must be https, since secrets are sent there");

/** A whole number within these bounds. */
export function whole(min: number, max: number) {
  return z.coerce.number().int().min(min).max(max);
}
