/** Names of files are completed where they are typed, since another process may read them; nothing else is. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { withWholePaths } from "#cli/whole-paths.ts";

for (const [typed, whole] of [
  ["policy check a.yaml", "policy check /here/a.yaml"],
  ["policy check /b.yaml", "policy check /b.yaml"],
  ["policy diff a.yaml ../b.yaml", "policy diff /here/a.yaml /b.yaml"],
  [
    "policy explain --operation refund --file a.yaml --json",
    "policy explain --operation refund --file /here/a.yaml --json",
  ],
  ["policy explain --file=a.yaml", "policy explain --file=/here/a.yaml"],
  ["policy", "policy"],
  ["trace check a.yaml", "trace check a.yaml"],
  ["procedures check a.md /b.md", "procedures check /here/a.md /b.md"],
  ["procedures check --test late a.md", "procedures check --test late /here/a.md"],
  ["backup night", "backup /here/night"],
  ["backup s3://bucket/night", "backup s3://bucket/night"],
  ["restore --replace night", "restore --replace /here/night"],
  ["erase --again list --yes", "erase --again /here/list --yes"],
  ["erase --again=list", "erase --again=/here/list"],
  ["trace --again", "trace --again"],
  ["rehearse --mailbox a.mbox --last 5", "rehearse --mailbox /here/a.mbox --last 5"],
  ["knowledge add pages --name help", "knowledge add /here/pages --name help"],
  ["knowledge add --name help pages", "knowledge add --name help /here/pages"],
  ["knowledge add zendesk", "knowledge add zendesk"],
  ["knowledge add ./zendesk", "knowledge add /here/zendesk"],
  ["knowledge add https://shop.test/help", "knowledge add https://shop.test/help"],
] as const)
  test(`${typed} is run as ${whole}`, () => {
    assert.equal(withWholePaths(typed.split(" "), "/here").join(" "), whole);
  });
