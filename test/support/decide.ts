/** Presses a button of a card that decides, as a person does who looks at what came of it. */
import { isDeepStrictEqual } from "node:util";
import type { Deskhand, Person } from "./deskhand.ts";
import { shownText, type SlackMessage } from "./slack.ts";
import { until } from "./waiting.ts";

/** A click that nothing answers for so long was lost with its connection: Slack marks the button, and people press again. */
const LOST_MS = 30_000;

/** Presses it until the card has changed; fails with what the person was told instead. */
export async function decide(
  deskhand: Deskhand,
  user: Person,
  card: SlackMessage,
  button: string,
): Promise<void> {
  const whispers = async (): Promise<readonly string[]> =>
    (await deskhand.cards())
      .filter((one) => one["ephemeral_to"] === deskhand.endpoints.slack?.users[user])
      .map((one) => shownText(one));
  const before = (await whispers()).length;
  let told: readonly string[] = [];
  let pressedAt = Date.now();
  await deskhand.press(user, card, button);
  await until(
    `the card after ${button}`,
    async () => {
      const now = (await whispers()).slice(before);
      const shown = (await deskhand.cards()).find(({ ts }) => ts === card.ts);
      if (!isDeepStrictEqual(shown?.blocks, card.blocks)) return true;
      // What could not be looked up in time is pressed again, as a person would who is told so.
      const mayAgain = now.length > told.length && now.at(-1)?.includes("try again") === true;
      told = now;
      if (mayAgain || (now.length === 0 && Date.now() - pressedAt > LOST_MS)) {
        pressedAt = Date.now();
        await deskhand.press(user, card, button);
      }
      return false;
    },
    () => `Told instead:\n${told.join("\n")}\nPrinted:\n${deskhand.output()}`,
  );
}
