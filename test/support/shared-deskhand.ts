/**
 * Whole Deskhands that several files use one after the other. A situation brings its own orders, subjects and
 * customers, and asserts nothing about what it did not bring. The runner puts files that name the same one into one
 * process.
 */
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { atEndOfProcess } from "./at-end.ts";
import { startDeskhand, type Deskhand } from "./deskhand.ts";

const INSTALLATIONS = {
  /** Mail, chat and Slack, with the sandbox's own time to take an approval back. */
  talks: {},
  /** What is asked for by mail and in Zendesk, with a second to take an approval back. */
  requests: { undoSeconds: 1 },
} as const;

const started = new Map<string, Promise<Deskhand>>();

/** The installation of this name; it is started for the first who asks, and ends with the process. */
export function sharedDeskhand(name: keyof typeof INSTALLATIONS): Promise<Deskhand> {
  const running = started.get(name) ?? startDeskhand(INSTALLATIONS[name]);
  if (!started.has(name))
    atEndOfProcess(async () => {
      await (await running).destroy();
    });
  started.set(name, running);
  return running;
}

/** One for the tests of a suite, started before the first of them and removed after the last. */
export function suiteDeskhand(options: Parameters<typeof startDeskhand>[0]): () => Deskhand {
  let deskhand: Deskhand | null = null;
  before(async () => {
    deskhand = await startDeskhand(options);
  });
  after(() => deskhand?.destroy());
  return () => deskhand ?? assert.fail("no Deskhand runs");
}
