/**
 * Golden runs: what is stored, sent and shown in each situation is what was recorded. A change that means to change it
 * records anew, with `GOLDEN=record npm test -- test/golden`, and shows the difference in its commit.
 */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setting } from "#store/db/schema.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { isLong } from "#test/support/tiers.ts";
import { recordedText } from "./recorded.ts";
import { SITUATIONS, stageOn } from "./situations.ts";

const FOLDER = join(import.meta.dirname, "runs");
const NAMING = "golden".padEnd(43, "-");
const isRecording = process.env["GOLDEN"] === "record";

/** `npm test` plays those by mail; recording, and the long run, play all. */
const isPlayed = ([channel]: (typeof SITUATIONS)[number]): boolean =>
  isLong || isRecording || channel === "email";

onDesk("golden runs", (bench) => {
  for (const [channel, name, play] of SITUATIONS.filter(isPlayed))
    test(`${channel}: ${name}`, async () => {
      // The installation's secret, which conversations are named by.
      await bench.parts.store.run((transaction) =>
        transaction.insert(setting).values({ name: "naming", value: NAMING }),
      );
      await play(stageOn(bench, channel));
      const text = await recordedText(bench);
      const file = join(FOLDER, `${channel}-${name.replaceAll(/[^a-z]+/g, "-")}.txt`);
      if (isRecording) {
        mkdirSync(FOLDER, { recursive: true });
        writeFileSync(file, text);
      }
      assert.deepEqual(text.split("\n"), readFileSync(file, "utf8").split("\n"));
    });
});
