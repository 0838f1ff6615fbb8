/** Faults by changes in the world around a card. */
import type { PolicyName } from "./policies.ts";
import type { Trial } from "./trial.ts";

/** Applies a change before the click, or between the click and the commit. */
async function approvedAround(trial: Trial, change: () => Promise<void>, when: "before" | "after") {
  await trial.open();
  if (when === "before") await change();
  await trial.approve();
  if (when === "after") await change();
  await trial.finish();
}

function orderChanges(trial: Trial) {
  const { order } = trial.asked;
  return async (): Promise<void> => {
    switch (trial.pick(["refund", "arrives", "status"])) {
      case "refund":
        return trial.play({ do: "refund by hand", order, minor: trial.pick([100, 2_500]) });
      case "arrives":
        return trial.play({ do: "order arrives", order });
      default:
        trial.environment.shop.change(order, { status: trial.pick(["returned", "lost"]) });
    }
  };
}

function policyChanges(trial: Trial) {
  const name = trial.pick<PolicyName>(["stricter", "laxer", "closed"]);
  return async (): Promise<void> => {
    await trial.play({ do: "policy", name }, { do: "tick" }, { do: "tick" });
    // A more permissive policy waits for two leads; the newest card on the desk is about it.
    if (name === "laxer") await trial.approve(0, ["lea", "lee"]);
    await trial.play({ do: "tick" });
  };
}

function saysMore(trial: Trial, worked: boolean) {
  const { who } = trial.asked;
  const text = trial.pick(["please wait, do not refund it", "refund 789 10.00"]);
  return () => trial.play({ do: "write", place: trial.place, who, text, worked });
}

/** What can change around a card while it is decided on and carried out. */
export const WORLD_FAULTS = {
  "the order changes before the click": (trial: Trial) =>
    approvedAround(trial, orderChanges(trial), "before"),
  "the order changes before the commit": (trial: Trial) =>
    approvedAround(trial, orderChanges(trial), "after"),
  "the policy changes before the click": (trial: Trial) =>
    approvedAround(trial, policyChanges(trial), "before"),
  "the policy changes before the commit": (trial: Trial) =>
    approvedAround(trial, policyChanges(trial), "after"),
  "the customer writes before the click": (trial: Trial) =>
    approvedAround(trial, saysMore(trial, trial.pick([true, false])), "before"),
  "the customer writes before the commit": (trial: Trial) =>
    approvedAround(trial, saysMore(trial, trial.pick([true, false])), "after"),
  "a lead takes the conversation away": async (trial: Trial) => {
    await trial.open(trial.asked, "zendesk");
    const isBefore = trial.pick([true, false]);
    if (!isBefore) await trial.approve();
    await trial.play({ do: "assign", place: "zendesk", to: "human" });
    if (isBefore) await trial.approve();
    await trial.finish();
  },
  "the clock jumps ahead before the click": async (trial: Trial) => {
    await trial.open();
    await trial.play({ do: "time", passes: trial.pick(["9 h", "40 days"]) });
    await trial.approve();
    await trial.finish();
  },
  "the clock jumps back": async (trial: Trial) => {
    await trial.open();
    if (trial.pick([true, false])) trial.environment.clock.skip(-3_600_000);
    await trial.approve();
    trial.environment.clock.skip(trial.pick([-60_000, -86_400_000]));
    await trial.finish();
    await trial.play({ do: "time", passes: "9 h" }, { do: "work" });
  },
  "the process dies on the way": async (trial: Trial) => {
    await trial.open();
    await trial.approve();
    await trial.play(
      { do: "time", passes: "6 s" },
      {
        do: "crash",
        after: trial.pick([1, 3, 5, 7, 9, 11, 13, 15, 17, 19]),
        doing: { do: "work" },
      },
      trial.pick([{ do: "refund by hand", order: trial.asked.order, minor: 500 }, { do: "work" }]),
    );
    await trial.finish();
  },
  "the answer of the shop is lost": async (trial: Trial) => {
    await trial.open();
    await trial.approve();
    await trial.play({ do: "trouble", at: "shop", trouble: trial.pick(["lost", "unclear"]) });
    await trial.finish();
  },
} as const;
