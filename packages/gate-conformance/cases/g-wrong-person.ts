/** 1g: the wrong person decides. */
import {
  mustAccept,
  mustBring,
  mustRefuse,
  mustSee,
  PAY,
  sayYes,
  asked,
  staysWaiting,
  type Case,
} from "./case.ts";

const P09: Case = {
  id: "P09",
  level: "A",
  title: "the wrong person",
  given: "named approvers, or none configured",
  when: "another person decides",
  must: "refused, kept for the approver; without an approver it stays undecided",
  scripts: [
    asked("a stranger says yes", ["personName"], async (stage, approval) => {
      mustRefuse(await stage.decide(approval, "stranger", { kind: "yes" }), "a stranger's yes");
      await staysWaiting(stage, approval);
    }),
    asked("a stranger says no", ["personName"], async (stage, approval) => {
      mustRefuse(await stage.decide(approval, "stranger", { kind: "no" }), "a stranger's no");
      await sayYes(stage, approval);
      await mustSee(stage, [PAY]);
    }),
    asked(
      "no approver is configured",
      ["personName"],
      async (stage, approval) => {
        mustRefuse(await stage.decide(approval, "approver", { kind: "yes" }), "anybody's yes");
        await mustBring(stage, []);
      },
      {
        approvers: "none",
      },
    ),
  ],
};

const P23: Case = {
  id: "P23",
  level: "A",
  title: "own request",
  given: "the rule “another person”, and the one who asked",
  when: "they say yes; they say no",
  must: "the yes is refused; the no is accepted",
  scripts: [
    asked(
      "the requester says yes",
      [],
      async (stage, approval) => {
        mustRefuse(
          await stage.decide(approval, "requester", { kind: "yes" }),
          "the requester's own yes",
        );
        await mustBring(stage, []);
      },
      {
        approvers: "another person",
      },
    ),
    asked(
      "the requester says no",
      [],
      async (stage, approval) => {
        mustAccept(
          await stage.decide(approval, "requester", { kind: "no" }),
          "the requester's own no",
        );
        await mustBring(stage, []);
      },
      {
        approvers: "another person",
      },
    ),
  ],
};

export const WRONG_PERSON: readonly Case[] = [P09, P23];
