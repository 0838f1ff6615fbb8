/** Carries out decisions at the desk. */
import type { DeskDecision } from "#core/contracts/approval-desk.ts";
import { deskHandler } from "#jobs/decisions/desk-handler.ts";
import { cardAt, type StoryHistory } from "./past.ts";
import { CLICKERS, type Clicker } from "./people.ts";
import type { Process } from "./process.ts";
import type { TestEnvironment } from "./environment.ts";
import type { DeskStep } from "./step.ts";
import type { Watcher } from "./watcher.ts";

/** What a desk step needs to run. */
interface DeskStepContext {
  readonly environment: TestEnvironment;
  readonly past: StoryHistory;
  readonly watch: Watcher;
}

/** Makes a decision as the desk would pass it on, by the person who has the card open. */
export async function runDeskStep(
  at: DeskStepContext,
  { parts, watch: policyWatch }: Process,
  step: DeskStep,
): Promise<void> {
  const found = decisionOf(at, step);
  if (found === null) return;
  const { clicker, decided } = found;
  at.past.clicks.push(decided);
  // A payload with another card's id in it is not a click by a person.
  if (step.do !== "replay on another card") await at.watch.pressed(clicker, decided);
  const answer = await deskHandler(parts, () => policyWatch.tick()).decide(decided);
  at.watch.answered(clicker, decided, answer.accepted);
}

interface Decided {
  readonly clicker: Clicker;
  readonly decided: DeskDecision;
}

/** Null when there is no card or click yet that the step could apply to. */
function decisionOf({ environment, past }: DeskStepContext, step: DeskStep): Decided | null {
  switch (step.do) {
    case "click again": {
      const before = past.clicks.at(-1 - step.back);
      return before === undefined
        ? null
        : again(before, { decisionId: step.sameId ? before.decisionId : `d${past.next()}` });
    }
    case "replay on another card": {
      const before = past.clicks.at(-1 - step.back);
      const card = cardAt(environment, step.card);
      return before === undefined || card === undefined
        ? null
        : again(before, { approvalId: card.approvalId, version: card.version });
    }
    case "click":
    case "edit the draft":
      return onCard({ environment, past }, step);
    default:
      throw new Error(`unknown step ${String(step satisfies never)}`);
  }
}

function onCard(
  { environment, past }: Pick<DeskStepContext, "environment" | "past">,
  step: Extract<DeskStep, { readonly do: "click" | "edit the draft" }>,
): Decided | null {
  const card = cardAt(environment, step.card);
  if (card === undefined) return null;
  const clicker = CLICKERS[step.who];
  const { approvalId, version } = card;
  const common = {
    decisionId: `d${past.next()}`,
    approvalId,
    teammate: clicker.teammate,
    reason: "",
  };
  if (step.do === "click")
    return {
      clicker,
      decided: {
        ...common,
        version: Math.max(1, version + step.version),
        button: step.button,
        edit: null,
      },
    };
  const text = `${card.draft?.text ?? ""} Edited ${past.next()}.`;
  return {
    clicker,
    decided: { ...common, version, button: "edit", edit: { text, amount: step.amount } },
  };
}

function again(before: DeskDecision, change: Partial<DeskDecision>): Decided {
  const clicker = Object.values(CLICKERS).find(({ teammate }) => teammate === before.teammate);
  if (clicker === undefined) throw new Error("none of these people clicked");
  return { clicker, decided: { ...before, ...change } };
}
