import { once } from "node:events";
import { createServer, request } from "node:http";
import type { TestContext } from "node:test";
import { z } from "zod";
import type { SlackOptions } from "#slack/index.ts";
import type {
  DeskAnswer,
  DeskCommand,
  DeskDecision,
  DeskHandler,
  DeskOverview,
  Explanation,
} from "#core/contracts/approval-desk.ts";
import type { Log } from "#core/contracts/ports.ts";
import { CHANNELS } from "./local-slack.ts";
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
  | { readonly status: number; readonly body: unknown; readonly retryAfter?: number }
  | "lose"
  | null;

/** A proxy in front of a Slack server that counts calls and can break them, as networks and Slack do. */
export async function faultySlackProxy(
  target: string,
  fault: Fault = () => null,
): Promise<{
  readonly apiUrl: string;
  readonly calls: string[];
  close(): Promise<void>;
}> {
  const calls: string[] = [];
  const server = createServer((incoming, outgoing) => {
    const method = (incoming.url ?? "").replace("/api/", "");
    calls.push(method);
    const wanted = fault(method);
    if (wanted !== null && wanted !== "lose") {
      const retry = wanted.retryAfter;
      outgoing.writeHead(wanted.status, {
        "content-type": "application/json",
        ...(retry === undefined ? {} : { "retry-after": String(retry) }),
      });
      outgoing.end(JSON.stringify(wanted.body));
      incoming.resume();
      return;
    }
    const onward = request(
      new URL(incoming.url ?? "/", target),
      { method: "POST", headers: incoming.headers },
      (answer) => {
        // The call is carried out, its answer never arrives.
        if (wanted === "lose") {
          answer.resume();
          answer.once("end", () => incoming.socket.destroy());
          return;
        }
        outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(outgoing);
      },
    );
    onward.once("error", () => incoming.socket.destroy());
    incoming.pipe(onward);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = z.object({ port: z.number() }).parse(server.address());
  return {
    apiUrl: `http://127.0.0.1:${port}/api/`,
    calls,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
