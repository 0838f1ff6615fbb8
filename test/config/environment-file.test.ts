/** The file of variables: what is read of each line, and what is refused because it would be read as something else. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DeskhandError } from "#core/values/errors.ts";
import { planVariables, withEnvironmentFile } from "#config/environment-file.ts";
import { temporaryFolder } from "#test/support/temporary-folder.ts";

test("a value of blanks alone is empty, and not the line below", (context) => {
  const folder = temporaryFolder(context);
  const lines = ["A= ", "export B=\t\r", "IMAP_PASS='one", "C= ", "two'", "D = ", "", "E=1", "F= "];
  writeFileSync(join(folder, ".env"), lines.join("\n"));
  assert.deepEqual(withEnvironmentFile({}, folder), {
    A: "",
    B: "",
    IMAP_PASS: "one\nC= \ntwo",
    D: "",
    E: "1",
    F: "",
  });
  const groups = [{ heading: "One", variables: [["A", "1"] as const] }];
  const { changed } = planVariables(join(folder, ".env"), groups);
  assert.deepEqual(changed, [{ name: "A", before: "", after: "1" }]);
});

test("comments, names without a value and marks of editors are no mistakes", (context) => {
  const folder = temporaryFolder(context);
  const read = (text: string) => {
    writeFileSync(join(folder, ".env"), text);
    return withEnvironmentFile({}, folder);
  };
  const lines = [
    "A=v # see https://x/#keys",
    "B=v ## note",
    "C=# none",
    "D=#",
    "; SHOP_KEY='it",
    "SHOP_KEY",
    "export https_proxy",
    "export\tE='1'",
    "F=2\x1A",
  ];
  const settings = { A: "v", B: "v", C: "", D: "", E: "1", F: "2" };
  assert.deepEqual(read(`\uFEFF${lines.join("\n")}`), settings);
  assert.deepEqual(read(`${lines.join("\r\n")}\r\n`), settings);
  for (const line of ["SLACK_APPROVALS_CHANNEL=#approvals", "IMAP_PASS=Sup#port1"])
    assert.throws(() => read(line), /line 1, \w+: the value would be cut off; put it in quotes$/);
  // The rest of a secret that was broken in two.
  assert.throws(() => read("IMAP_PASS=abcd\nefghijkl"), /line 2: it is no setting/);
});

test("a file of settings that cannot be looked at is no missing one", (context) => {
  const folder = temporaryFolder(context);
  assert.deepEqual(withEnvironmentFile({ A: "1" }, folder), { A: "1" });
  // Nobody can look behind a link to itself; with a closed folder, root can.
  symlinkSync(".env", join(folder, ".env"));
  assert.throws(
    () => withEnvironmentFile({ A: "1" }, folder),
    (error) => error instanceof DeskhandError && error.code === "config.invalid",
  );
});

test("a line of the file that would be read as something else than it says is refused with its number and name, never with its value", (context) => {
  const folder = temporaryFolder(context);
  const file = join(folder, ".env");
  const lines = [
    "IMAP_PASS=hunter#2",
    "export SMTP_PASS = #start",
    "SMTP_USER=#start",
    "SHOP_URL=http://shop.test # ours",
    "# a comment",
    "PEM='one",
    "two # three' # closed",
    "SHOP_KEY='ab'cd",
    "token of Slack",
    'QUOTED="a#b"\r',
  ];
  writeFileSync(file, lines.join("\n"));
  assert.throws(
    () => withEnvironmentFile({}, folder),
    (error) => {
      assert.ok(error instanceof DeskhandError && error.code === "config.invalid");
      assert.doesNotMatch(error.message, /hunter|start|cd/);
      assert.deepEqual(
        error.message
          .split("\n")
          .map((problem) => problem.replace(`${file}, `, "").split(/[:;]/)[0]),
        ["line 1, IMAP_PASS", "line 3, SMTP_USER", "line 8, SHOP_KEY", "line 9"],
      );
      assert.match(error.message, /SHOP_KEY: the value would be cut off; put it in quotes/);
      return true;
    },
  );
  const well = lines.filter((line) => !/^(?:IMAP|SMTP_USER|SHOP_KEY|token)/.test(line));
  writeFileSync(file, well.join("\n"));
  assert.deepEqual(withEnvironmentFile({}, folder), {
    SMTP_PASS: "",
    SHOP_URL: "http://shop.test",
    PEM: "one\ntwo # three",
    QUOTED: "a#b",
  });
});
