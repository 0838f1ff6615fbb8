/** Changes in the world that Deskhand is not notified of. */
import { cardAt, channelAt, type Past } from "./past.ts";
import { POLICY_FILES } from "./policies.ts";
import type { Stand } from "./stand.ts";
import { TIMES, type AroundStep } from "./step.ts";
import type { Troubles } from "./troubles.ts";

/** Applies a change that Deskhand is not notified of. */
export function changeAround(stand: Stand, past: Past, step: AroundStep): void {
  switch (step.do) {
    case "edit a message": {
      const said = past.said.at(-1 - step.back);
      if (said !== undefined)
        channelAt(stand, said.place).edit(said.thread, said.message.key, step.text);
      return;
    }
    case "policy":
      stand.file.text = POLICY_FILES[step.name];
      return;
    case "refund by hand":
      stand.shop.refundByHand(step.order, step.minor);
      return;
    case "order arrives":
      stand.shop.change(step.order, { status: "delivered", deliveredOn: "2026-11-20" });
      return;
    case "time":
      stand.clock.skip(TIMES[step.passes]);
      return;
    case "trouble":
      troublesOf(stand, step.at).add(step.trouble);
      return;
    case "shop":
      stand.shop.setDown(step.is === "down");
      return;
    case "delete the card":
      stand.desk.remove(cardAt(stand, step.card)?.approvalId ?? "");
      return;
    default:
      throw new Error(`unknown step ${String(step satisfies never)}`);
  }
}

function troublesOf(
  stand: Stand,
  at: Extract<AroundStep, { readonly do: "trouble" }>["at"],
): Troubles {
  if (at === "shop") return stand.shop.troubles;
  return at === "desk" ? stand.desk.troubles : channelAt(stand, at).troubles;
}
