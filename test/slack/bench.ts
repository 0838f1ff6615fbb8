import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, type TestContext } from "node:test";
import { slack, type SlackOptions } from "#slack/index.ts";
import type {
  DeskAnswer,
  DeskCommand,
  DeskDecision,
  DeskHandler,
  DeskOverview,
  Explanation,
} from "#core/contracts/approval-desk.ts";
import type { Log } from "#core/contracts/ports.ts";
import { CHANNELS, startTestSlack, TEAM, USERS, type TestSlack } from "./local-slack.ts";
import { openFront } from "#test/support/http-front.ts";
import { memoryCursors } from "#test/jobs/memory-ports.ts";
import { openedBy } from "#test/support/opened.ts";
import { PATIENCE_MS } from "#test/support/waiting.ts";

/** Options that fit the test workspace. */
export function optionsFor(apiUrl: string, change: Partial<SlackOptions> = {}): SlackOptions {
  return {
    botToken: "xoxb-deskhand-sandbox",
    appToken: "xapp-deskhand-sandbox",
    apiUrl,
    channels: {
      approvals: CHANNELS.approvals,
      alerts: CHANNELS.alerts,
      help: [CHANNELS.help],
    },
    places: {},
    // As the policy names them: being a member alone gives no role.
    teammates: (email) => email.endsWith("@ourshop.test") && !email.startsWith("ned@"),
    fallbackLead: () => "lea@ourshop.test",
    // A hundred times as fast as Slack allows: what the limits do to messages is told by the tests about them.
    messagesPerMinute: 4_800,
    cursors: memoryCursors(),
    clock: { now: () => new Date() },
    log: recordingLog().log,
    ...change,
  };
}

/** Waits until this holds; generous, since the machine may be busy. */
export async function eventually(
  context: TestContext,
  holds: () => void | Promise<void>,
): Promise<void> {
  await context.waitFor(holds, { timeout: PATIENCE_MS, interval: 20 });
}

/** A log that keeps its messages for assertions instead of printing them. */
export function recordingLog(): { readonly log: Log; readonly messages: string[] } {
  const messages: string[] = [];
  const keep = (message: string): void => void messages.push(message);
  return { log: { info: keep, warn: keep, error: keep }, messages };
}

/** Jobs as a desk sees them: they remember decisions and answer as the test says. */
export interface Jobs {
  readonly handler: DeskHandler;
  readonly decisions: DeskDecision[];
  answer: (decision: DeskDecision) => Promise<Partial<DeskAnswer>> | Partial<DeskAnswer>;
  /** What an edit form starts from. */
  draft: string;
  /** Called with each command, which is answered with its own words. */
  commanded: (command: DeskCommand) => void;
  /** What a Home tab is made from; null is what a person without a role gets. */
  overview: DeskOverview | null;
  /** What the trace says; null is what a person without a role gets. */
  explanation: Explanation | null;
  /** Where messages were that a person deleted. */
  readonly gone: string[];
}

/** Jobs that accept everything without a word until a test tells them otherwise. */
export function recordingJobs(): Jobs {
  const jobs: Jobs = {
    decisions: [],
    gone: [],
    answer: () => ({}),
    commanded: () => {},
    overview: null,
    explanation: null,
    draft: "Hello Ann,\n\nit is on its way.",
    handler: {
      async decide(decision) {
        jobs.decisions.push(decision);
        return { accepted: true, message: "", fieldErrors: {}, ...(await jobs.answer(decision)) };
      },
      check: () => Promise.resolve({ accepted: true, message: "", fieldErrors: {} }),
      editForm: (approvalId, version) =>
        Promise.resolve({
          approvalId,
          version,
          text: jobs.draft,
          amount: "120.00",
          currency: "USD",
          order: null,
        }),
      explain: () => Promise.resolve(jobs.explanation),
      async command(command) {
        jobs.commanded(command);
        return { sections: [{ heading: "", lines: [command.words] }] };
      },
      cardGone: async (ref) => void jobs.gone.push(ref),
      overview: () => Promise.resolve(jobs.overview),
    },
  };
  return jobs;
}

/** What a test wants to go wrong with one call: an answer of its own, a lost answer, or nothing. */
export type Fault = (
  method: string,
) =>
  | { readonly status: number; readonly body: object; readonly retryAfter?: number }
  | "lose"
  | null;

/** Breaks one method and leaves the others alone. */
export function on(method: string, answer: ReturnType<Fault>): Fault {
  return (called) => (called === method ? answer : null);
}

/** Slack's refusal with this word. */
export function refusal(error: string): ReturnType<Fault> {
  return { status: 200, body: { ok: false, error } };
}

/** What Slack says of each person it is asked about. */
export function saysOfUsers(change: Record<string, unknown>): ReturnType<Fault> {
  const profile = { email: "sam@ourshop.test" };
  const user = { id: USERS.sam, team_id: TEAM, real_name: "Sam Ortiz", profile, ...change };
  return { status: 200, body: { ok: true, user } };
}

/** One call as it went out: the method's name and its parameters as Slack reads them. */
interface Call {
  readonly method: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** A proxy in front of the Slack server at `target` that keeps every call, and can break it as networks and Slack do. */
export async function slackProxy(
  target: string,
  fault: Fault = () => null,
): Promise<{
  readonly apiUrl: string;
  readonly calls: Call[];
  close(): Promise<void>;
}> {
  const calls: Call[] = [];
  const { url, close } = await openFront(target, async ({ path, body, forward }) => {
    const method = path.replace("/api/", "");
    calls.push({ method, parameters: Object.fromEntries(new URLSearchParams(body)) });
    const wanted = fault(method);
    if (wanted !== null && wanted !== "lose") {
      const { status, body: said, retryAfter } = wanted;
      const wait = retryAfter === undefined ? {} : { "retry-after": String(retryAfter) };
      return Response.json(said, { status, headers: wait });
    }
    const given = await forward();
    // The call was carried out, its answer never arrives.
    return wanted === "lose" ? null : given;
  });
  return { apiUrl: `${url}/api/`, calls, close };
}

/** What a file's tests have in their hands: a Slack, and processes that reach it through a proxy. */
export interface SlackBench {
  readonly server: TestSlack;
  /** The calls of this test, oldest first. */
  readonly calls: readonly Call[];
  /** What the adapter logged in this test. */
  readonly log: readonly string[];
  /** From now on the Web API answers like this where it is not null, until the next test. */
  break(fault: Fault): void;
  /** Lets what is remembered of people and groups grow old. */
  later(ms: number): void;
  /** The options of a process on this Slack. */
  optionsWith(change: Partial<SlackOptions>): SlackOptions;
  /** Channel and desk of such a process, which stop after the test. */
  open(change?: Partial<SlackOptions>): ReturnType<typeof slack>;
}

/** One Slack for the tests of a file or group, emptied for each. */
export function inSlack(): SlackBench {
  const held: { server?: TestSlack; proxy?: Awaited<ReturnType<typeof slackProxy>> } = {};
  const server = openedBy(() => held.server);
  const state = { fault: (() => null) as Fault, lateMs: 0, log: recordingLog() };
  const sides: { stop(): Promise<void> }[] = [];
  before(async () => {
    held.server = await startTestSlack();
    held.proxy = await slackProxy(server.url, (method) => state.fault(method));
  });
  beforeEach(async () => {
    await server.people.reset();
    held.proxy?.calls.splice(0);
    Object.assign(state, { fault: () => null, lateMs: 0, log: recordingLog() });
  });
  afterEach(async () => {
    await Promise.all(sides.splice(0).map((side) => side.stop()));
  });
  after(async () => {
    await held.proxy?.close();
    await held.server?.close();
  });
  const optionsWith = (change: Partial<SlackOptions>): SlackOptions => {
    const clock = { now: () => new Date(Date.now() + state.lateMs) };
    return optionsFor(held.proxy?.apiUrl ?? "", { clock, log: state.log.log, ...change });
  };
  return {
    server,
    get calls() {
      return held.proxy?.calls ?? [];
    },
    get log() {
      return state.log.messages;
    },
    break: (fault) => void (state.fault = fault),
    later: (ms) => void (state.lateMs += ms),
    optionsWith,
    open(change = {}) {
      const both = slack(optionsWith(change));
      sides.push(both.channel, both.desk);
      return both;
    },
  };
}

/** Opens the form behind a button of a card and waits until it can be filled in. */
export async function openForm(
  context: TestContext,
  { people }: TestSlack,
  { user, ts, button }: { readonly user: string; readonly ts: string; readonly button: string },
): Promise<void> {
  const before = people.view()?.id;
  await people.click(user, CHANNELS.approvals, ts, button);
  await eventually(context, () => {
    assert.equal(people.view()?.callback_id, button);
    assert.notEqual(people.view()?.id, before);
  });
}
