import { digest } from "#core/values/canonical-json.ts";

/**
 * What stands in the place of a name that tells who somebody is, such as that of a chat's event. The same name always
 * gives the same, so that what is delivered again after an erasure is still known. Names of this kind end in a random
 * part of their own, which is why nobody can try out people to find one.
 */
export function erasedName(name: string): string {
  return `erased:${digest(name).slice(0, 40)}`;
}
