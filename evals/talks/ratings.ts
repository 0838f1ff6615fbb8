/** What a person found who read recorded conversations, and the figures of it. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { DeskhandError } from "#core/values/errors.ts";

/** One conversation as it was judged by reading it. */
const Rating = z.strictObject({
  case: z.string(),
  /** Whether the customer got what was right: all of it, a part, or something wrong. */
  outcome: z.enum(["right", "partly", "wrong"]),
  /** The first draft of the last turn: passed, sent back with or without good reason; `none` where none was written. */
  first_draft: z.enum(["passed", "sent_back_rightly", "sent_back_unjustly", "none"]),
  /** The draft the team or the customer got; `dishonest` says something untrue and is no fault of the frame or check. */
  final_draft: z.enum(["good", "flawed", "dishonest", "none"]),
  hand_over: z.enum(["none", "right", "needless"]),
  /** What was wrong, and where it came from; empty where nothing was. */
  note: z.string().default(""),
});
export type Rating = z.output<typeof Rating>;

/** A share with its parts. */
interface Share {
  readonly n: number;
  readonly of: number;
  readonly percent: number;
}

/** The figures over rated conversations. */
export interface Figures {
  readonly conversations: number;
  readonly outcome_right: Share;
  readonly outcome_partly: Share;
  readonly outcome_wrong: Share;
  /** Of the honest final drafts. */
  readonly good_as_they_are: Share;
  /** Of the first drafts that were honest: those that passed, and those sent back unjustly. */
  readonly unjustly_sent_back: Share;
  readonly needless_hand_overs: Share;
  /** What was not right, one line each. */
  readonly rest: readonly string[];
}

/** The ratings that lie beside recordings; none where there is no such file. Throws `input.invalid` for another form. */
export function readRatings(folder: string): readonly Rating[] {
  const file = join(folder, "ratings.yaml");
  if (!existsSync(file)) return [];
  const read = z.array(Rating).safeParse(parse(readFileSync(file, "utf8")));
  if (read.success) return read.data;
  throw new DeskhandError("input.invalid", `${file}: ${z.prettifyError(read.error)}`);
}

/** Counts ratings; pure. */
export function figuresOf(ratings: readonly Rating[]): Figures {
  const count = (holds: (rating: Rating) => boolean): number => ratings.filter(holds).length;
  const all = ratings.length;
  const good = count(({ final_draft }) => final_draft === "good");
  const flawed = count(({ final_draft }) => final_draft === "flawed");
  const passed = count(({ first_draft }) => first_draft === "passed");
  const unjustly = count(({ first_draft }) => first_draft === "sent_back_unjustly");
  return {
    conversations: all,
    outcome_right: share(
      count(({ outcome }) => outcome === "right"),
      all,
    ),
    outcome_partly: share(
      count(({ outcome }) => outcome === "partly"),
      all,
    ),
    outcome_wrong: share(
      count(({ outcome }) => outcome === "wrong"),
      all,
    ),
    good_as_they_are: share(good, good + flawed),
    unjustly_sent_back: share(unjustly, passed + unjustly),
    needless_hand_overs: share(
      count(({ hand_over }) => hand_over === "needless"),
      all,
    ),
    rest: ratings
      .filter(({ note }) => note !== "")
      .map((rating) => `${rating.case}: ${rating.note}`),
  };
}

function share(n: number, of: number): Share {
  return { n, of, percent: of === 0 ? 0 : Number(((100 * n) / of).toFixed(1)) };
}
