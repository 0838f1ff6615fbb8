import type { Desk } from "./desk.ts";
import { recordNotFound } from "./errors.ts";

/** A mail that was held back is thrown away. */
export function discardSuspended(desk: Desk, id: number): void {
  desk.write(() => {
    if (!desk.suspended.get(id)) throw recordNotFound();
    desk.suspended.remove(id);
  });
}
