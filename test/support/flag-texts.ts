/** The flags of a card as people read them. */
import type { Card } from "#core/contracts/approval-desk.ts";

export function flagTexts(card: Pick<Card, "flags"> | null | undefined): readonly string[] {
  return (card?.flags ?? []).map(({ text }) => text);
}
