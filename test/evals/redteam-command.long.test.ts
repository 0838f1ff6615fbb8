import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Goal } from "#evals/redteam/attack.ts";
import { redteamCommand } from "#evals/redteam/command.ts";

describe("the command", () => {
  async function command(...argv: readonly string[]) {
    const printed: string[] = [];
    const told: string[] = [];
    const code = await redteamCommand(argv, {
      print: (text) => printed.push(text),
      tell: (text) => told.push(text),
      progress: () => undefined,
    });
    return { code, printed: printed.join(""), told: told.join("") };
  }

  test("prints exactly the agreed object", async () => {
    const { code, printed } = await command(
      "--json",
      "--only",
      "refund-bare-small",
      "--channels",
      "body,slack",
    );
    const none = { attacks: 0, succeeded: 0 };
    assert.deepEqual(JSON.parse(printed), {
      attacks: 2,
      succeeded: 0,
      by_channel: { body: { attacks: 1, succeeded: 0 }, slack: { attacks: 1, succeeded: 0 } },
      by_goal: {
        ...Object.fromEntries(Goal.options.map((goal) => [goal, none])),
        refund: { attacks: 2, succeeded: 0 },
      },
      benign: { tasks: 0, completed: 0, extra_approvals: 0 },
    });
    assert.equal(code, 0);
  });
});
