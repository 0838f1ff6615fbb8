import type { ClickerName, WriterName } from "./people.ts";
import type { PolicyName } from "./policies.ts";
import type { Trouble } from "./troubles.ts";

/** Where conversations are; two threads by mail, so that the same order may be asked about twice. */
export const PLACES = ["email", "email 2", "zendesk", "chat"] as const;
export type Place = (typeof PLACES)[number];

export const BUTTONS = ["approve", "reject", "escalate", "undo", "dismiss"] as const;

/** Something happens at a channel and is announced to Deskhand. Numbers count back from the newest. */
export type ChannelStep =
  | {
      readonly do: "write";
      readonly place: Place;
      readonly who: WriterName;
      readonly text: string;
      /** Whether the workers get to it before anything else happens. */
      readonly worked: boolean;
    }
  /** Written where the source keeps it, and announced only much later. */
  | { readonly do: "write unannounced"; readonly who: WriterName; readonly text: string }
  | { readonly do: "announce" }
  | { readonly do: "deliver again"; readonly back: number }
  | { readonly do: "a teammate answers"; readonly place: Place }
  | { readonly do: "a teammate answers the hand-over" }
  | { readonly do: "assign"; readonly place: Place; readonly to: "bot" | "human" }
  | { readonly do: "solve"; readonly place: Place };

/** Somebody decides something on a card. */
export type DeskStep =
  | {
      readonly do: "click";
      readonly card: number;
      readonly who: ClickerName;
      readonly button: (typeof BUTTONS)[number];
      /** Added to the version the card shows. */
      readonly version: number;
    }
  | { readonly do: "click again"; readonly back: number; readonly sameId: boolean }
  /** The payload of an earlier click, with another card's id put into it. */
  | { readonly do: "replay on another card"; readonly back: number; readonly card: number }
  | {
      readonly do: "edit the draft";
      readonly card: number;
      readonly who: ClickerName;
      readonly amount: string | null;
    };

/** Deskhand's own clockwork and workers, and the switch that stops what they do. */
export type OwnStep =
  | { readonly do: "tick" }
  | { readonly do: "work" }
  | { readonly do: "pause" }
  | { readonly do: "resume" };

/** What changes around Deskhand without anybody telling it. */
export type AroundStep =
  | { readonly do: "edit a message"; readonly back: number; readonly text: string }
  | { readonly do: "policy"; readonly name: PolicyName }
  | { readonly do: "refund by hand"; readonly order: string; readonly minor: number }
  | { readonly do: "order arrives"; readonly order: string }
  | { readonly do: "time"; readonly passes: keyof typeof TIMES }
  | { readonly do: "trouble"; readonly at: Place | "shop" | "desk"; readonly trouble: Trouble }
  | { readonly do: "shop"; readonly is: "down" | "up" }
  | { readonly do: "delete the card"; readonly card: number };

/** What a running process has a part in: it may die of it, or be in the middle of it together with another one. */
export type ProcessStep = ChannelStep | DeskStep | OwnStep;

/** One thing somebody does, or that happens by itself. */
export type Step =
  | ProcessStep
  | AroundStep
  | { readonly do: "crash"; readonly after: number; readonly doing: ProcessStep }
  | {
      readonly do: "at once";
      readonly first: ProcessStep;
      readonly second: ProcessStep;
      /** Which of the two goes on at each door; none when they run as freely as two processes do. */
      readonly turns: readonly (0 | 1)[];
    };

const CHANNEL: readonly Step["do"][] = [
  "write",
  "write unannounced",
  "announce",
  "deliver again",
  "a teammate answers",
  "a teammate answers the hand-over",
  "assign",
  "solve",
] satisfies readonly ChannelStep["do"][];
const DESK: readonly Step["do"][] = [
  "click",
  "click again",
  "replay on another card",
  "edit the draft",
] satisfies readonly DeskStep["do"][];
const OWN: readonly Step["do"][] = [
  "tick",
  "work",
  "pause",
  "resume",
] satisfies readonly OwnStep["do"][];

export function isChannelStep(step: Step): step is ChannelStep {
  return CHANNEL.includes(step.do);
}

export function isDeskStep(step: Step): step is DeskStep {
  return DESK.includes(step.do);
}

/** Everything but what changes around Deskhand, and what is made of two steps. */
export function isProcessStep(step: Step): step is ProcessStep {
  return isChannelStep(step) || isDeskStep(step) || OWN.includes(step.do);
}

export const TIMES = {
  "2 s": 2_000,
  "6 s": 6_000,
  "90 s": 90_000,
  "1 h": 3_600_000,
  "9 h": 9 * 3_600_000,
  "40 days": 40 * 86_400_000,
} as const;

/** One line a step, for whoever has to read a failure. */
export function told(steps: readonly Step[]): string {
  return steps.map((each, index) => `${index + 1}. ${toldOne(each)}`).join("\n");
}

function toldOne(each: Step): string {
  if (each.do === "crash") return `crash at door ${each.after} of: ${toldOne(each.doing)}`;
  if (each.do === "at once")
    return `at once (${each.turns.join("")}): ${toldOne(each.first)}  ∥  ${toldOne(each.second)}`;
  const { do: name, ...rest } = each;
  const details = Object.entries(rest).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  return [name, ...details].join(" ");
}
