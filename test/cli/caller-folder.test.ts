/** Names of files are those of the folder a command is typed in, whichever process runs it; nothing else is a file. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { randomIds } from "#app/shared-clock.ts";
import type { KnownParts } from "#cli/command-parts.ts";
import { runCommand } from "#cli/program.ts";
import { personalIn } from "./personal.ts";

/** Tells what it was asked for, and ends the command. */
const named = async (place: string): Promise<never> => {
  throw new Error(`asked for ${place}`);
};

const store = { kind: "pglite", run: () => named("data"), close: () => named("data") } as const;
const clock = { now: () => new Date(0) };
const play = (): Promise<never> => named("tests");

const PARTS: KnownParts = {
  store,
  clock,
  folder: "/here",
  procedures: {
    folder: null,
    files: () => [],
    world: () => named("tools"),
    desk: { store, clock, ids: randomIds, source: "file", play, model: "a model" },
  },
  personal: personalIn("/here"),
  knowledge: async () => ({
    store,
    clock,
    knowledge: {
      take: () => named("pages"),
      review: () => named("pages"),
      reload: () => named("pages"),
    },
  }),
  backup: named,
  restore: named,
  rehearse: ({ source }) => named("path" in source ? source.path : source.kind),
};

for (const [typed, whole] of [
  ["policy check a.yaml", "/here/a.yaml cannot be read"],
  ["policy check /b.yaml", "/b.yaml cannot be read"],
  ["policy diff a.yaml ../b.yaml", "/here/a.yaml cannot be read"],
  ["policy explain --operation refund --file a.yaml --json", "/here/a.yaml cannot be read"],
  ["policy explain --operation refund --file=../a.yaml", "/a.yaml cannot be read"],
  ["procedures check a.md", "/here/a.md cannot be read"],
  ["backup night", "asked for /here/night"],
  ["backup s3://bucket/night", "asked for s3://bucket/night"],
  ["restore --replace night", "asked for /here/night"],
  ["rehearse --mailbox a.mbox --last 5", "asked for /here/a.mbox"],
  ["rehearse --file ../a.jsonl", "asked for /a.jsonl"],
  ["erase --again list --yes", "/here/list cannot be read"],
  ["erase --again=../list", "/list cannot be read"],
  ["knowledge add pages --name help", "there is no folder or file /here/pages"],
  ["knowledge add --name help ./zendesk", "there is no folder or file /here/zendesk"],
  ["knowledge add zendesk", "asked for data"],
  ["knowledge add .", "there is no folder or file /here"],
  ["knowledge add https://shop.test/help --name help", "asked for data"],
] as const)
  test(`${typed}: ${whole}`, async () => {
    const { stderr } = await runCommand(PARTS, typed.split(" "));
    assert.equal(stderr, `${whole}\n`);
  });
