/** The command `init` without a terminal, in a process of its own. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, test } from "node:test";
import { startControl } from "#cli/control.ts";
import { listen } from "#test/support/loopback.ts";
import { typed } from "#test/cli/typed-command.ts";
import { temporaryFolder } from "#test/support/temporary-folder.ts";

describe("init", () => {
  test("without a terminal says what is needed and writes nothing, whatever is configured", async (context) => {
    const [folder, cwd] = [join(temporaryFolder(context), "data"), temporaryFolder(context)];
    // What is missing here is what init is for.
    const environment = { SLACK_BOT_TOKEN: "x" };
    const { exitCode, stdout } = await typed(folder, ["init"], { cwd, environment });
    assert.equal(exitCode, 2);
    assert.match(stdout, /init --answers FILE/);
    assert.deepEqual(readdirSync(cwd), []);
    assert.equal(existsSync(folder), false, "it made a database for nothing");
  });

  test("writes policy and variables into the current folder, and never over another policy", async (context) => {
    const [folder, cwd] = [join(temporaryFolder(context), "data"), temporaryFolder(context)];
    const answers = join(temporaryFolder(context), "answers.json");
    const people = { leads: ["lea@ourshop.test"] };
    const money = { currency: "USD", refunds: "200, 1000, 30" };
    const hours = { zone: "UTC", open: "always" };
    writeFileSync(answers, JSON.stringify({ company: { name: "OurShop" }, hours, money, people }));
    const argv = ["init", "--answers", answers, "--no-start"];
    // The file of variables is the folder's own here.
    const environment = { DESKHAND_ENV_FILE: ".env" };
    const first = await typed(folder, argv, { cwd, environment });
    assert.equal(first.exitCode, 0, first.stdout);
    const file = join(cwd, "deskhand.policy.yaml");
    assert.match(readFileSync(file, "utf8"), /OurShop support team/);
    assert.match(
      readFileSync(join(cwd, ".env"), "utf8"),
      /^DESKHAND_POLICY=deskhand\.policy\.yaml$/m,
    );
    assert.equal(existsSync(folder), false, "it made a database for nothing");
    writeFileSync(file, readFileSync(file, "utf8").replace("OurShop", "Mine"));
    const second = await typed(folder, argv, { cwd, environment });
    assert.equal(second.exitCode, 0, second.stdout);
    assert.match(second.stdout, /✓ deskhand\.policy\.yaml/);
    assert.match(readFileSync(file, "utf8"), /Mine support team/);
  });

  test("leaves a running Deskhand alone, and help does not ask it", async (context) => {
    const [folder, cwd] = [temporaryFolder(context), temporaryFolder(context)];
    const asked: string[] = [];
    const control = await startControl(folder, async ({ argv }) => {
      asked.push(argv.join(" "));
      return { stdout: "", stderr: "", exitCode: 0 };
    });
    const answers = join(temporaryFolder(context), "answers.json");
    writeFileSync(answers, "{}");
    const refused = await typed(folder, ["init", "--answers", answers], { cwd });
    assert.equal(refused.exitCode, 1);
    assert.match(refused.stdout, /is running in this folder\. Stop it first/);
    assert.match((await typed(folder, ["--help"], { cwd })).stdout, /Usage: deskhand/);
    assert.deepEqual(asked, ["status"]);
    assert.deepEqual(readdirSync(cwd), []);
    await control.close();
  });

  test("a file of answers that is not there is named in a sentence", async (context) => {
    const [folder, cwd] = [join(temporaryFolder(context), "data"), temporaryFolder(context)];
    const argv = ["init", "--no-start", "--answers", "nowhere.yaml"];
    const { exitCode, stdout } = await typed(folder, argv, { cwd });
    assert.equal(exitCode, 1);
    assert.match(stdout, /The answers in \S*nowhere\.yaml cannot be read: there is no such file\./);
    assert.ok(!stdout.includes("ENOENT"), stdout);
  });

  test("a port that is taken is found before anything is asked", async (context) => {
    const [folder, cwd] = [join(temporaryFolder(context), "data"), temporaryFolder(context)];
    const server = createServer();
    const port = await listen(server);
    const environment = { DESKHAND_PORT: String(port) };
    const { exitCode, stdout } = await typed(folder, ["init", "--answers", "none"], {
      cwd,
      environment,
    });
    server.close();
    assert.equal(exitCode, 1);
    assert.match(stdout, new RegExp(`Something listens on 127\\.0\\.0\\.1:${port},`));
    assert.match(stdout, /set DESKHAND_PORT to another number; then type init again/);
    assert.deepEqual(readdirSync(cwd), []);
  });

  test("leaves no data where nothing was written, and keeps a database that was there", async (context) => {
    const [folder, cwd] = [join(temporaryFolder(context), "data"), temporaryFolder(context)];
    const answers = join(temporaryFolder(context), "answers.json");
    const email = { address: "help@ourshop.test", imap: "127.0.0.1:1", smtp: "127.0.0.1:1" };
    const needed = {
      company: { name: "OurShop" },
      hours: { zone: "UTC", open: "always" },
      money: { currency: "USD", refunds: "200, 1000, 30" },
      people: { leads: ["lea@ourshop.test"] },
    };
    writeFileSync(answers, JSON.stringify({ ...needed, email: { ...email, password: "x" } }));
    const argv = ["init", "--no-start", "--answers", answers];
    const first = await typed(folder, argv, { cwd });
    assert.equal(first.exitCode, 1, first.stdout);
    assert.match(first.stdout, /nothing was written/);
    assert.equal(existsSync(folder), false, "it left its database");
    mkdirSync(join(folder, "pglite"), { recursive: true });
    await typed(folder, argv, { cwd });
    assert.equal(existsSync(join(folder, "pglite")), true, "it removed what it did not make");
    assert.deepEqual(readdirSync(cwd), []);
  });
});
