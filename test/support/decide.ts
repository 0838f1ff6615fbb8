/** Presses a button of a card that decides, as a person does who looks at what came of it. */
import { isDeepStrictEqual } from "node:util";
import type { Deskhand, Person } from "./deskhand.ts";
import { shownText, type SlackMessage } from "./slack.ts";
import { until } from "./waiting.ts";

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
  await deskhand.press(user, card, button);
  await until(
    `the card after ${button}`,
    async () => {
      const now = (await whispers()).slice(before);
      // What could not be looked up in time is pressed again, as a person would who is told so.
      if (now.length > told.length && now.at(-1)?.includes("try again") === true)
        await deskhand.press(user, card, button);
      told = now;
      const shown = (await deskhand.cards()).find(({ ts }) => ts === card.ts);
      return !isDeepStrictEqual(shown?.blocks, card.blocks);
    },
    () => `Told instead:\n${told.join("\n")}\nPrinted:\n${deskhand.output()}`,
  );
}
