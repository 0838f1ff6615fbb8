/** Faults between a person and a card. */
import type { ClickerName } from "./people.ts";
import type { Trial } from "./trial.ts";

/** The other customer's order, for further cards on the desk. */
function otherOf({ asked }: Trial) {
  return asked.who === "ann"
    ? ({ who: "bob", text: "refund 1001 150.00", order: "1001", people: ["sam"] } as const)
    : ({ who: "ann", text: "refund 789", order: "789", people: ["sam"] } as const);
}

/** What can go wrong between a person and a card, with the database untouched. */
export const DESK_FAULTS = {
  /** No fault: without this control all others could pass because nothing ever happens. */
  none: async (trial: Trial) => {
    await trial.open();
    await trial.approve();
    await trial.finish();
  },
  "two cards open": async (trial: Trial) => {
    await trial.open();
    await trial.open(otherOf(trial));
    await trial.approve(trial.pick([0, 1]), ["sam"]);
    await trial.finish();
  },
  "two cards for one order": async (trial: Trial) => {
    await trial.open(trial.asked, "email");
    const half = { ...trial.asked, text: `refund ${trial.asked.order} 40.00` };
    await trial.open(half, "zendesk");
    const [first, second] = trial.pick([
      [0, 1],
      [1, 0],
    ]);
    await trial.approve(first, ["sam", "lea"]);
    if (trial.pick([true, false])) await trial.finish();
    await trial.approve(second, ["sam", "lea"]);
    await trial.finish();
  },
  "an older version is clicked": async (trial: Trial) => {
    await trial.open();
    await trial.open({ ...trial.asked, text: `refund ${trial.asked.order} 20.00` });
    for (const who of trial.asked.people)
      await trial.play({ do: "click", card: 0, who, button: "approve", version: -1 });
    await trial.finish();
  },
  "a version that does not exist is clicked": async (trial: Trial) => {
    await trial.open();
    for (const who of trial.asked.people)
      await trial.play({ do: "click", card: 0, who, button: "approve", version: 1 });
    await trial.finish();
  },
  "the draft is edited between two clicks": async (trial: Trial) => {
    await trial.open();
    await trial.approve(0, [trial.pick<ClickerName>(["sam", "dana"])]);
    await trial.play({ do: "edit the draft", card: 0, who: "sam", amount: "35.00" });
    await trial.finish();
    if (trial.pick([true, false])) await trial.approve();
    await trial.finish();
  },
  "the button is replayed on the other card": async (trial: Trial) => {
    await trial.open();
    await trial.open(otherOf(trial));
    await trial.approve(0, ["sam"]);
    await trial.play({ do: "replay on another card", back: 0, card: 1 });
    await trial.finish();
  },
  "the same click is delivered twice": async (trial: Trial) => {
    await trial.open();
    await trial.approve(0, ["lea"]);
    await trial.play({ do: "click again", back: 0, sameId: trial.pick([true, false]) });
    await trial.finish();
  },
  "one human clicks twice": async (trial: Trial) => {
    await trial.open({ who: "bob", text: "refund 1001", order: "1001", people: ["sam", "lea"] });
    await trial.approve(0, ["lea"]);
    await trial.approve(0, [
      trial.pick<ClickerName>(["leaByConsole", "leaInCapitals", "leaWithoutMail", "lea"]),
    ]);
    await trial.finish();
  },
  "a person without a role clicks": async (trial: Trial) => {
    await trial.open();
    await trial.approve(0, [trial.pick<ClickerName>(["ned", "guest"])]);
    await trial.finish();
  },
  "it is taken back, and the click is replayed": async (trial: Trial) => {
    await trial.open(trial.asked, trial.pick(["email", "zendesk"]));
    await trial.approve();
    await trial.play({ do: "click", card: 0, who: "sam", button: "undo", version: 0 });
    await trial.play({ do: "click again", back: 1, sameId: trial.pick([true, false]) });
    await trial.finish();
  },
} as const;
