/** The steps of a story: everything that can happen in these tests. */
import type { ClickerName, WriterName } from "./people.ts";
import type { PolicyName } from "./policies.ts";
import type { CallFault } from "./troubles.ts";

/** Where conversations are; two mail threads, so that two of them can be about the same order. */
export const PLACES = ["email", "email 2", "zendesk", "chat"] as const;
export type Place = (typeof PLACES)[number];

export const BUTTONS = ["approve", "reject", "escalate", "undo", "dismiss"] as const;

/** Something happens at a channel and is delivered to Deskhand. Numbers count back from the newest. */
export type ChannelStep =
  | {
      readonly do: "write";
      readonly place: Place;
      readonly who: WriterName;
      readonly text: string;
      /** Whether the workers process it before anything else happens. */
      readonly worked: boolean;
    }
  /** Written at the source, and delivered only much later. */
  | { readonly do: "write unannounced"; readonly who: WriterName; readonly text: string }
  | { readonly do: "announce" }
  | { readonly do: "deliver again"; readonly back: number }
  | { readonly do: "a teammate answers"; readonly place: Place }
  | { readonly do: "a teammate answers the hand-over" }
  | { readonly do: "assign"; readonly place: Place; readonly to: "bot" | "human" }
  | { readonly do: "solve"; readonly place: Place };

/** A person decides on a card. */
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
  /** The payload of an earlier click, with another card's id in it. */
  | { readonly do: "replay on another card"; readonly back: number; readonly card: number }
  | {
      readonly do: "edit the draft";
      readonly card: number;
      readonly who: ClickerName;
      readonly amount: string | null;
    };

/** Deskhand's own reconciler and workers, and the switch that pauses them. */
export type OwnStep =
  | { readonly do: "tick" }
  | { readonly do: "work" }
  | { readonly do: "pause" }
  | { readonly do: "resume" };

/** Changes that Deskhand is not notified of. */
export type WorldStep =
  | { readonly do: "edit a message"; readonly back: number; readonly text: string }
  | { readonly do: "policy"; readonly name: PolicyName }
  | { readonly do: "refund by hand"; readonly order: string; readonly minor: number }
  | { readonly do: "order arrives"; readonly order: string }
  | { readonly do: "time"; readonly passes: keyof typeof TIMES }
  | { readonly do: "trouble"; readonly at: Place | "shop" | "desk"; readonly trouble: CallFault }
  | { readonly do: "shop"; readonly is: "down" | "up" }
  | { readonly do: "delete the card"; readonly card: number };

/** Steps a running process takes part in: it may crash during one, or run one concurrently with another process. */
export type ProcessStep = ChannelStep | DeskStep | OwnStep;

/** One step of a story. */
export type Step =
  | ProcessStep
  | WorldStep
  | { readonly do: "crash"; readonly after: number; readonly doing: ProcessStep }
  | {
      readonly do: "at once";
      readonly first: ProcessStep;
      readonly second: ProcessStep;
      /** Which of the two continues at each checkpoint; empty when they run as freely as two processes do. */
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

/** Every step except outside changes and those composed of other steps. */
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

/** One line per step, for the person who reads a failure. */
export function describeSteps(steps: readonly Step[]): string {
  return steps.map((each, index) => `${index + 1}. ${describeStep(each)}`).join("\n");
}

function describeStep(each: Step): string {
  if (each.do === "crash")
    return `crash at checkpoint ${each.after} of: ${describeStep(each.doing)}`;
  if (each.do === "at once")
    return `at once (${each.turns.join("")}): ${describeStep(each.first)}  ∥  ${describeStep(each.second)}`;
  const { do: name, ...rest } = each;
  const details = Object.entries(rest).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  return [name, ...details].join(" ");
}
