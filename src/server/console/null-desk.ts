/** The approval desk of an installation without Slack. */

import { ReportArguments, reportText } from "#core/values/alert.ts";
import { z } from "zod";
import type { ApprovalDesk } from "#core/contracts/approval-desk.ts";
import { DeskhandError } from "#core/values/errors.ts";
import type { Log } from "#core/contracts/ports.ts";

const Alert = z.object({ text: z.string(), people: z.array(z.string()) });

/**
 * Without Slack the console shows the rows themselves, so posting and updating do nothing, and alerts and report
 * figures go to the log, where the operator sees them.
 */
export function consoleDesk(log: Log): ApprovalDesk {
  return {
    name: "desk",
    supports: ["alert", "digest"],
    async commit(action, key) {
      if (action.operation === "digest") {
        const { to, sheet } = ReportArguments.parse(action.arguments);
        log.info("figures for the team", { to: to.name ?? "the team", words: reportText(sheet) });
        return { ref: key, conversationKeys: [] };
      }
      if (action.operation !== "alert")
        throw new DeskhandError("channel.unsupported", `the console cannot do ${action.operation}`);
      const { text: words } = Alert.parse(action.arguments);
      log.warn("alert for the team", { alert: key, words });
      return { ref: key, conversationKeys: [] };
    },
    find: async () => ({ state: "absent" }),
    post: async (card) => `console:${card.approvalId}`,
    update: async () => undefined,
    notify: async (words, _people, key) => log.warn("alert for the team", { alert: key, words }),
    groupsOf: async () => [],
    start: async () => undefined,
    stop: async () => undefined,
  };
}
