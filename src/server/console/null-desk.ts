import { z } from "zod";
import type { ApprovalDesk } from "#core/contracts/approval-desk.ts";
import { ReportArguments, reportText } from "#core/values/report.ts";
import { DeskhandError } from "#core/values/errors.ts";
import type { Log } from "#core/contracts/ports.ts";

const Alert = z.object({ text: z.string(), people: z.array(z.string()) });

/**
 * The desk where there is no Slack: the console shows the rows themselves, so posting and updating have nothing to do,
 * and an alert or the figures are written to the log, where whoever runs Deskhand sees it.
 */
export function consoleDesk(log: Log): ApprovalDesk {
  return {
    name: "desk",
    supports: ["alert", "digest"],
    findIsReliable: true,
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
