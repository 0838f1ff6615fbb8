/** 1g: the wrong person decides. */
import {
  mustAccept,
  mustBring,
  mustRefuse,
  mustSee,
  mustWait,
  PAY,
  sayYes,
  script,
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
    script({
      name: "a stranger says yes",
      needs: ["personName"],
      async asked(stage, approval) {
        mustRefuse(await stage.decide(approval, "stranger", { kind: "yes" }), "a stranger's yes");
        await mustBring(stage, []);
        await mustWait(stage, [approval]);
      },
    }),
    script({
      name: "a stranger says no",
      needs: ["personName"],
      async asked(stage, approval) {
        mustRefuse(await stage.decide(approval, "stranger", { kind: "no" }), "a stranger's no");
        await sayYes(stage, approval);
        await mustSee(stage, [PAY]);
      },
    }),
    script({
      name: "no approver is configured",
      needs: ["personName"],
      approvers: "none",
      async asked(stage, approval) {
        mustRefuse(await stage.decide(approval, "approver", { kind: "yes" }), "anybody's yes");
        await mustBring(stage, []);
      },
    }),
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
    script({
      name: "the requester says yes",
      approvers: "another person",
      async asked(stage, approval) {
        mustRefuse(
          await stage.decide(approval, "requester", { kind: "yes" }),
          "the requester's own yes",
        );
        await mustBring(stage, []);
      },
    }),
    script({
      name: "the requester says no",
      approvers: "another person",
      async asked(stage, approval) {
        mustAccept(
          await stage.decide(approval, "requester", { kind: "no" }),
          "the requester's own no",
        );
        await mustBring(stage, []);
      },
    }),
  ],
};

export const WRONG_PERSON: readonly Case[] = [P09, P23];
