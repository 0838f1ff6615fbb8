/** Discards suspended tickets. */
import type { Desk } from "#sandbox/zendesk/records/desk.ts";
import { recordNotFound } from "#sandbox/zendesk/http/errors.ts";

/** Deletes a suspended mail. */
export function discardSuspended(desk: Desk, id: number): void {
  desk.write(() => {
    if (!desk.suspended.get(id)) throw recordNotFound();
    desk.suspended.remove(id);
  });
}
