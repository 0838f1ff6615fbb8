/** Addresses to which secrets are sent. */
import { DeskhandError } from "#core/values/errors.ts";

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/**
 * An address with `https`, or with `http` on this machine. Throws `config.invalid`, which quotes nothing of the address:
 * it may hold credentials. `what` says whose address it is.
 */
export function secureAddress(text: string, what: string): URL {
  const invalid = (reason: string): DeskhandError =>
    new DeskhandError("config.invalid", `${what} ${reason}`);
  const url = URL.parse(text);
  if (url === null) throw invalid("is no address");
  if (url.username !== "" || url.password !== "")
    throw invalid("has credentials in it: name them in the connection's authentication instead");
  if (url.search !== "" || url.hash !== "") throw invalid("has a ? or # in it, which is not sent");
  const isHere = url.protocol === "http:" && LOOPBACK.test(url.hostname);
  if (url.protocol !== "https:" && !isHere) throw invalid("has to begin with https://");
  return url;
}
