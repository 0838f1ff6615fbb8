/** What a card says about the guard, and whether the guard holds something back on it. Pure. */
import type { Card, Flag } from "#core/contracts/approval-desk.ts";
import type { GuardVerdict } from "#core/contracts/guard.ts";

const STOPPED = "Guard: ";
const DOUBTED = "Guard, caution (nothing may be changed): ";

/** The flag for each reason, with the words marked. A message that was said to be harmless keeps its reasons. */
export function guardFlags({ verdict, reasons }: GuardVerdict): readonly Flag[] {
  return reasons.map((reason) =>
    verdict === "caution"
      ? { text: `${DOUBTED}${reason}`, about: "caution" }
      : { text: `${STOPPED}${reason}`, about: "stopped" },
  );
}

/** True for a card whose message is held back, or whose turn was kept from changing anything. */
export function isHeldBack({ kind, flags }: Pick<Card, "kind" | "flags">): boolean {
  return kind === "blocked" || flags.some(({ about }) => about === "caution");
}

/** Why a message was held back, for those who take it over; empty for every other card. */
export function heldBackText({ kind, flags }: Pick<Card, "kind" | "flags">): string {
  if (kind !== "blocked") return "";
  const reasons = flags
    .filter(({ about }) => about === "stopped")
    .map(({ text }) => text.slice(STOPPED.length));
  return `Held back before any draft was made: ${reasons.join("; ")}.`;
}
