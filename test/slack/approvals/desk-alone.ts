/** The adapter's desk in front of jobs that only remember what they were asked. */
import assert from "node:assert/strict";
import { after, before, beforeEach } from "node:test";
import { slack } from "#slack/index.ts";
import type { ApprovalDesk } from "#core/contracts/approval-desk.ts";
import { optionsFor, recordingJobs, type Jobs } from "#test/slack/bench.ts";
import { startTestSlack, type TestSlack } from "#test/slack/local-slack.ts";

interface DeskAlone {
  readonly server: TestSlack;
  readonly desk: ApprovalDesk;
  readonly jobs: Jobs;
}

/** One Slack for the file, emptied for each test, and in each a desk and jobs of its own, given before it runs. */
export function forEachDesk(take: (alone: DeskAlone) => void): void {
  const opened: { server?: TestSlack } = {};
  before(async () => {
    opened.server = await startTestSlack();
  });
  beforeEach(async (context) => {
    const { server } = opened;
    assert.ok("after" in context && server !== undefined);
    const { desk } = slack(optionsFor(server.apiUrl));
    const jobs = recordingJobs();
    take({ server, desk, jobs });
    await desk.start(jobs.handler);
    await server.people.reset();
    context.after(() => desk.stop());
  });
  after(() => opened.server?.close());
}
