/** The replacement of identifying names after an erasure. */
import { digest } from "#core/values/canonical-json.ts";

/**
 * Replaces a name that identifies a person, such as the id of a chat's event. The same name always gives the same
 * replacement, so that a redelivery after an erasure is still recognised. Such names end in a random part, so a person
 * cannot be found by trying candidates.
 */
export function erasedName(name: string): string {
  return `erased:${digest(name).slice(0, 40)}`;
}
