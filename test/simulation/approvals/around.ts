/** Changes in the world that Deskhand is not notified of. */
import { cardAt, channelAt, type StoryHistory } from "./past.ts";
import { POLICY_FILES } from "./policies.ts";
import type { TestEnvironment } from "./environment.ts";
import { TIMES, type WorldStep } from "./step.ts";
import type { CallFaults } from "./troubles.ts";

/** Applies a change that Deskhand is not notified of. */
export function changeWorld(
  environment: TestEnvironment,
  past: StoryHistory,
  step: WorldStep,
): void {
  switch (step.do) {
    case "edit a message": {
      const said = past.said.at(-1 - step.back);
      if (said !== undefined)
        channelAt(environment, said.place).edit(said.thread, said.message.key, step.text);
      return;
    }
    case "policy":
      environment.file.text = POLICY_FILES[step.name];
      return;
    case "refund by hand":
      environment.shop.refundByHand(step.order, step.minor);
      return;
    case "order arrives":
      environment.shop.change(step.order, { status: "delivered", deliveredOn: "2026-11-20" });
      return;
    case "time":
      environment.clock.skip(TIMES[step.passes]);
      return;
    case "trouble":
      callFaultsOf(environment, step.at).add(step.trouble);
      return;
    case "shop":
      environment.shop.setDown(step.is === "down");
      return;
    case "delete the card":
      environment.desk.remove(cardAt(environment, step.card)?.approvalId ?? "");
      return;
    default:
      throw new Error(`unknown step ${String(step satisfies never)}`);
  }
}

function callFaultsOf(
  environment: TestEnvironment,
  at: Extract<WorldStep, { readonly do: "trouble" }>["at"],
): CallFaults {
  if (at === "shop") return environment.shop.callFaults;
  return at === "desk" ? environment.desk.callFaults : channelAt(environment, at).callFaults;
}
