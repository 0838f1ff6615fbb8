/**
 * Room: the seal promise, tested by stories in which something goes wrong between card, click and commit.
 * In: an environment, and faults or steps to play on it.
 * Out: commits that differ from what people clicked, found by the judge.
 * May touch: an embedded or given database of its own, with channels, shop and desk in memory.
 * Start here, then world.ts, step.ts and judge.ts.
 */
import type { SQL } from "#store/db/drizzle.ts";
import { Judge } from "./judge.ts";
import type { ClickerName, WriterName } from "./people.ts";
import type { TestEnvironment } from "./environment.ts";
import type { Place, Step } from "./step.ts";
import { StoryPlayer } from "./world.ts";

/** What a customer asks for in a trial, and how many people have to approve. */
interface Asked {
  readonly who: WriterName;
  readonly text: string;
  readonly order: string;
  readonly people: readonly ClickerName[];
}

const ASKED: readonly Asked[] = [
  { who: "ann", text: "refund 789", order: "789", people: ["sam"] },
  { who: "ann", text: "refund 789 60.00", order: "789", people: ["dana"] },
  { who: "bob", text: "refund 1001", order: "1001", people: ["sam", "lea"] },
  { who: "bob", text: "refund 1001 150.00", order: "1001", people: ["lea"] },
];

/** Cards in these places wait for a person; the first two also for the end of the undo time. */
const PLACES: readonly Place[] = ["email", "zendesk", "email 2"];

/** One approval with a fault in it. */
export interface Trial {
  readonly environment: TestEnvironment;
  readonly judge: Judge;
  readonly asked: Asked;
  readonly place: Place;
  /** Differs from trial to trial; the same number gives the same choice. */
  pick<T>(from: readonly [T, ...T[]]): T;
  play(...steps: readonly Step[]): Promise<void>;
  /** The customer asks, and the card appears on the desk. */
  open(asked?: Asked, place?: Place): Promise<void>;
  /** As many people as needed press Approve on the newest card, or on the one this many before it. */
  approve(card?: number, people?: readonly ClickerName[]): Promise<void>;
  /** The undo time passes, and everything that is due happens. */
  finish(): Promise<void>;
  /** Writes to the database directly, as an attacker would. */
  tamper(statement: SQL): Promise<void>;
}

/** Starts a trial in a fresh environment; `number` determines what is asked for, where, and every other choice. */
export async function beginTrial(environment: TestEnvironment, number: number): Promise<Trial> {
  await environment.reset();
  const judge = new Judge(environment);
  const player = new StoryPlayer(environment, judge);
  const asked = ASKED[number % ASKED.length];
  const place = PLACES[Math.floor(number / ASKED.length) % PLACES.length];
  if (asked === undefined || place === undefined) throw new Error("there is nothing to ask for");
  const picks = { count: (number + 1) * 7_919 };
  const play = async (...steps: readonly Step[]): Promise<void> => {
    for (const step of steps) await player.play(step);
  };
  return {
    environment,
    judge,
    asked,
    place,
    pick(from) {
      picks.count = (picks.count * 48_271 + 11) % 2_147_483_647;
      return from[picks.count % from.length] ?? from[0];
    },
    play,
    open: ({ who, text } = asked, at = place) =>
      play({ do: "write", place: at, who, text, worked: true }),
    async approve(card = 0, people = asked.people) {
      for (const who of people)
        await play({ do: "click", card, who, button: "approve", version: 0 });
    },
    finish: () =>
      play(
        { do: "time", passes: "6 s" },
        { do: "work" },
        { do: "time", passes: "90 s" },
        { do: "work" },
      ),
    tamper: (statement) =>
      environment.store.run(async (transaction) => void (await transaction.execute(statement))),
  };
}
