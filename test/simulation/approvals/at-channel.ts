/** Carries out steps at a channel: messages, signals and their delivery. */
import type { Delivery } from "#core/contracts/channel.ts";
import type { Message, Signal } from "#core/values/message.ts";
import { intake } from "#jobs/intake.ts";
import { connectedChannel, type JobContext } from "#jobs/context/job-context.ts";
import { message } from "#test/support/fixtures/turns.ts";
import { Killed } from "./checkpoints.ts";
import { channelAt, channelName, type StoryHistory } from "./past.ts";
import { evidenceOf, WRITERS, type WriterName } from "./people.ts";
import type { TestEnvironment } from "./environment.ts";
import type { ChannelStep, Place } from "./step.ts";
import type { Watcher } from "./watcher.ts";

/** What a channel step needs to run. */
export interface ChannelStepContext {
  readonly environment: TestEnvironment;
  readonly past: StoryHistory;
  readonly watch: Watcher;
  readonly parts: JobContext;
  /** Another process, for when this one dies at intake. */
  readonly other: () => Promise<JobContext>;
}

/** Something happens at the source, and the source delivers it until it is acknowledged. */
export async function runChannelStep(at: ChannelStepContext, step: ChannelStep): Promise<void> {
  const happened = deliveryOf(at, step);
  if (happened !== null) await deliver(at, happened.place, happened.delivery);
}

interface SourceEvent {
  readonly place: Place;
  readonly delivery: Delivery;
}

/** Null when there is nothing yet that the step could apply to. */
function deliveryOf(at: ChannelStepContext, step: ChannelStep): SourceEvent | null {
  switch (step.do) {
    case "write":
      return written(at, step);
    case "write unannounced":
      at.past.unannounced.push(written(at, { ...step, place: "zendesk" }));
      return null;
    case "announce":
      return at.past.unannounced.shift() ?? null;
    case "deliver again":
      return at.past.said.at(-1 - step.back) ?? null;
    case "a teammate answers":
      return inThread(at, step.place, (thread) =>
        channelAt(at.environment, step.place).say(thread, answerOf(at, "you")),
      );
    case "a teammate answers the hand-over":
      return handOverAnswered(at);
    case "assign":
    case "solve":
      return inThread(at, step.place, (thread) =>
        channelAt(at.environment, step.place).signal(thread, signalOf(at, step)),
      );
    default:
      throw new Error(`unknown step ${String(step satisfies never)}`);
  }
}

function written(
  at: ChannelStepContext,
  { place, who, text }: { readonly place: Place; readonly who: WriterName; readonly text: string },
): SourceEvent {
  const { environment, past, watch } = at;
  const writer = WRITERS[who];
  const thread = `${place}/${writer.customerId}`;
  const message: Message = {
    ...publicMessage(at, text),
    key: `m${past.next()}`,
    author: { kind: "requester", id: writer.id, name: writer.name },
    identity: evidenceOf(who),
    answerTo: { label: writer.id, audience: "private", address: { thread } },
  };
  const said = {
    place,
    thread,
    message,
    delivery: channelAt(environment, place).say(thread, message),
  };
  past.said.push(said);
  watch.written(message.key);
  return said;
}

/** The newest thread of a place. */
function inThread(
  { past }: ChannelStepContext,
  place: Place,
  happens: (thread: string) => Delivery,
): SourceEvent | null {
  const said = past.said.findLast((one) => one.place === place);
  return said === undefined ? null : { place, delivery: happens(said.thread) };
}

function handOverAnswered(at: ChannelStepContext): SourceEvent | null {
  const { journal, channels } = at.environment;
  const opened = journal.calls.findLast(
    ({ action, happened }) => happened && action.operation === "create_ticket",
  );
  const thread = opened === undefined ? null : journal.done("zendesk", opened.key);
  if (thread === null) return null;
  const message = answerOf(at, "what was handed over");
  return { place: "zendesk", delivery: channels.zendesk.say(thread, message) };
}

/** The text a teammate writes to a customer; each is unique. */
function answerOf(at: ChannelStepContext, about: string): Message {
  const text = `${TEAMMATE_ANSWERS} ${about}, ${at.past.next()}.`;
  at.watch.teammateSaid(text);
  return publicMessage(at, text);
}

/** The beginning of every teammate answer here. */
export const TEAMMATE_ANSWERS = "Dana answers";

function signalOf(
  { environment, past }: ChannelStepContext,
  step: Extract<ChannelStep, { readonly do: "assign" | "solve" }>,
): Signal {
  const common = { key: `signal-${past.next()}`, at: environment.clock.now().toISOString() };
  return step.do === "solve"
    ? { kind: "solved", ...common, actor: "Dana" }
    : {
        kind: "assigned",
        ...common,
        to: step.to,
        assignee: step.to === "bot" ? "the bot" : "Dana",
        actor: "Lea",
        automatic: false,
      };
}

function publicMessage({ environment, past }: ChannelStepContext, text: string): Message {
  return message(text, {
    key: `t${past.next()}`,
    author: { kind: "teammate", id: "zendesk:dana", name: "Dana Cole" },
    sentAt: environment.clock.now().toISOString(),
    identity: { level: 0, method: "none", reason: "a teammate", handle: { kind: "none" } },
    answerTo: null,
  });
}

/** A source without an acknowledgement delivers again, so a crash at intake loses nothing. */
async function deliver(
  { parts, other }: ChannelStepContext,
  place: Place,
  delivery: Delivery,
): Promise<void> {
  const channel = connectedChannel(parts, channelName(place));
  try {
    await intake(parts, channel, delivery);
  } catch (error) {
    if (!(error instanceof Killed)) throw error;
    await intake(await other(), channel, delivery);
    throw error;
  }
}
