/** Typing errors at the questions: each is named by the real trial, typed again, and nothing is begun anew. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";
import { interview } from "#cli/init/interview.ts";
import { tryPart } from "#cli/init/checks.ts";
import { startingText } from "#cli/init/written-files.ts";
import { openTrial } from "#doctor/trial.ts";
import { CREDENTIALS } from "#sandbox/slack/workspace.ts";
import { plantedBench, SHOP_KEY, SUPPORT } from "#test/doctor/planted/bench.ts";
import { MODEL, passwordFront } from "#test/doctor/planted/servers.ts";
import { postgresMissing } from "#test/support/postgres.ts";
import { redisMissing } from "#test/support/redis.ts";
import { temporaryFolder } from "#test/support/temporary-folder.ts";
import { person } from "./person.ts";

const ASKED = ["hosting", "slack", "email", "shop", "model"];

describe("a typing error in init", { skip: postgresMissing || redisMissing }, () => {
  const bench = plantedBench();

  test("in each part is named, typed again and forgotten", async (context) => {
    const { at } = bench;
    const front = await passwordFront(at.databaseUrl, "right");
    context.after(front.close);
    const { imap, smtp } = at.mail;
    const database = (password: string): string => {
      const url = new URL(at.databaseUrl);
      return Object.assign(url, { host: `127.0.0.1:${front.port}`, password }).href;
    };
    const typed = [
      ["", database("wrong"), "change", database("worng"), "change", database("right")],
      ["yes", CREDENTIALS.botToken, CREDENTIALS.appToken, "#aprovals", "#alerts", ""],
      ["change", "", "", "#approvals", "", ""],
      ["yes", SUPPORT, `${imap.host}:${imap.port}`, `${smtp.host}:${smtp.port}`, "", "wrong"],
      ["change", "", "", "", "", "right"],
      ["yes", `${at.shopUrl}/api`, "wrong", "change", SHOP_KEY],
      ["yes", MODEL.key, `${at.model.url}/v1`, "own-modell-2", "", "change", MODEL.name, ""],
    ];
    const { terminal, screen, left } = person(typed.flat());
    const trial = openTrial(startingText());
    context.after(() => trial.close({ isKept: false }));
    const set = {
      DESKHAND_DATA: join(temporaryFolder(context), "data"),
      DESKHAND_POLICY: at.policyFile,
      SLACK_API_URL: bench.slackUrl(),
    };
    const answers = await interview({
      terminal,
      isSkipped: (part) => !ASKED.includes(part),
      check: (part, known) => tryPart(trial, part, { answers: known, set }),
    });
    assert.deepEqual(left, []);
    const problems = screen.filter((line) => /^ {2}✗/.test(line));
    for (const named of [
      /password authentication failed/,
      /password authentication failed/,
      /the app sees no such channel/,
      /IMAP login/,
      /SMTP login/,
      /refuses our key/,
      /`own-modell-2` does not exist/,
    ])
      assert.match(problems.shift() ?? "", named, screen.join("\n"));
    assert.deepEqual(problems, []);
    assert.ok(!screen.some((line) => /✓ model/.test(line) && line.includes("own-modell-2")));
    assert.equal(answers.model?.name, MODEL.name);
    // What the advice names is asked again, and nothing before it.
    const times = (begin: string): number => screen.filter((line) => line.startsWith(begin)).length;
    assert.deepEqual(
      ["Public address", "PostgreSQL", "Address of the API", "Key", "Model"].map(times),
      [1, 3, 1, 3, 2],
    );
  });
});
