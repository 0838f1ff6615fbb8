import { setTimeout as delay } from "node:timers/promises";
import { digest } from "#core/values/canonical-json.ts";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import type { LivePolicy } from "#policy/current-policy.ts";
import { openPolicyFile, openPolicyInForce, type LoadedPolicy } from "#policy/load-policy.ts";
import { activePolicy, type PolicyChange } from "#store/policy/policy-changes.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { showPolicyCards } from "./card.ts";
import {
  considerPolicy,
  expirePolicyChange,
  permitsInWords,
  type Considered,
  type PolicySource,
} from "./change.ts";
import { recheckCards, type Unchanged } from "./recheck-cards.ts";

/** How often the file is looked at, in milliseconds. It counts as changed once it has stood still for one look. */
const TICK_MS = 1_000;

/** The file on the disk. */
export interface WatchedFile {
  readonly source: PolicySource;
  /** Another value whenever the file may have become another one; cheap. */
  stamp(): string;
  /** Throws `config.invalid` when it cannot be read. */
  read(): string;
}

/** What the watch works with. */
export interface WatchParts {
  readonly context: JobContext & { readonly policy: LivePolicy };
  readonly file: WatchedFile;
  /** Throws `policy.invalid` for a policy that says nothing about something this installation does. */
  readonly requireRules: (policy: LoadedPolicy) => void;
  readonly say: (line: string) => void;
  /** The policy the parts were put together with. */
  readonly inForce: Pick<PolicyChange, "id">;
}

/** Keeps the policy in force, and everything that rests on it, in step with the file and with what people decide. */
export interface PolicyWatch {
  /** One look: file, decisions, cards, what has to be decided again. What cannot be done now is done at the next one. */
  tick(): Promise<void>;
  /** A look at the file right now, in words. Throws `policy.invalid` with every problem of the file. */
  reload(): Promise<string>;
}

interface ReadAttempt {
  stamp: string;
  /** A stamp that was new at the last look; the writer may still be at it. */
  fresh: string;
  inForceId: string;
  /** Problems of the file nobody was told of yet. */
  untold: string;
}

/** Every process watches for itself; what they find goes through rows, so that it happens once. */
export function policyWatch(given: WatchParts): PolicyWatch {
  const { context, file } = given;
  const stamp = file.stamp();
  const seen: ReadAttempt = {
    stamp,
    fresh: stamp,
    inForceId: given.inForce.id,
    untold: "",
  };
  const unchanged: Unchanged = new Set();
  const turn = { last: Promise.resolve() };

  /** One at a time: a click and the clock may both want a look. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = turn.last.then(work);
    turn.last = mine.then(
      () => undefined,
      () => undefined,
    );
    return mine;
  }

  async function follow(): Promise<void> {
    const active = await context.store.run((transaction) =>
      activePolicy(transaction, file.source.kind),
    );
    if (active === null || active.activeSince === null) return;
    if (active.id !== seen.inForceId) {
      context.policy.replace(openPolicyInForce(active.text).policy);
      seen.inForceId = active.id;
      unchanged.clear();
      given.say(`The policy changed. ${active.closing}`);
    }
    await showPolicyCards(context);
    await recheckCards(context, { id: active.id, since: active.activeSince }, unchanged);
  }

  async function look(why: "change" | "reload"): Promise<Considered> {
    const text = file.read();
    given.requireRules(openPolicyFile(text, file.source.name).policy);
    const considered = await considerPolicy(context, file.source, text, why);
    seen.untold = "";
    return considered;
  }

  return {
    tick: () =>
      inTurn(async () => {
        await lookIfChanged(given, seen, () => look("change"));
        await tellProblems(context, seen);
        await expirePolicyChange(context, file.source);
        await follow();
      }),
    reload: () =>
      inTurn(async () => {
        const considered = await look("reload");
        await follow();
        return inWords(considered);
      }),
  };
}

/** A file that cannot be used changes nothing: what is in force goes on, and somebody is told once what is wrong. */
async function lookIfChanged(
  { file, say }: Pick<WatchParts, "file" | "say">,
  seen: ReadAttempt,
  look: () => Promise<Considered>,
): Promise<void> {
  const stamp = file.stamp();
  const isStill = stamp === seen.fresh;
  seen.fresh = stamp;
  if (stamp === seen.stamp || !isStill) return;
  try {
    const considered = await look();
    seen.stamp = stamp;
    if (considered.outcome === "proposed") say(inWords(considered));
  } catch (error) {
    if (!(error instanceof DeskhandError) || error.retry) throw error;
    seen.stamp = stamp;
    seen.untold = `The policy file cannot be used, so the policy in force stays as it is:\n${error.message}`;
    say(seen.untold);
  }
}

async function tellProblems(context: JobContext, seen: ReadAttempt): Promise<void> {
  if (seen.untold === "") return;
  const { fallbackLead } = context.policy;
  const key = `policy:problems:${digest(seen.untold + seen.stamp).slice(0, 32)}`;
  try {
    await context.desk.notify(seen.untold, [fallbackLead], key, AbortSignal.timeout(30_000));
    seen.untold = "";
  } catch (error) {
    context.log.warn("the team was not told of a policy file with problems yet", {
      reason: reasonOf(error),
    });
  }
}

/** What came of a look at the file, for whoever asked for one or reads along at a start. */
export function inWords({ outcome, change }: Considered): string {
  const lines = (list: readonly string[]): string => list.map((line) => `\n  ${line}`).join("");
  switch (outcome) {
    case "same":
      return "The policy file says what is in force.";
    case "activated":
      return `In force now; ${permitsInWords(change)}.${lines(change.relaxations.length === 0 ? change.differences : change.relaxations)}`;
    case "proposed":
    case "waiting":
      return `The policy file would permit more, so it waits for ${change.needs.count === 1 ? "somebody" : "two people"} on the desk to agree; until then the policy in force stays.${lines(change.relaxations)}`;
    case "refused":
      return `The policy file says what people did not agree to, so the policy in force stays. ${change.closing}`;
    default:
      throw new Error(`unknown outcome ${String(outcome satisfies never)}`);
  }
}

/** Looks again and again until it is stopped; losing a look loses nothing. */
export function startPolicyWatch(
  watch: Pick<PolicyWatch, "tick">,
  context: Pick<JobContext, "log">,
): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const running = loop(watch, context, stopping.signal);
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

async function loop(
  watch: Pick<PolicyWatch, "tick">,
  { log }: Pick<JobContext, "log">,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await watch.tick();
    } catch (error) {
      if (error instanceof DeskhandError && error.retry)
        log.warn("the policy watch waits", { reason: reasonOf(error) });
      else log.error("the policy watch failed", { reason: reasonOf(error) });
    }
    await rest(TICK_MS, signal);
  }
}

/** Sleeps, or returns at once when asked to stop. */
function rest(ms: number, signal: AbortSignal): Promise<void> {
  return delay(ms, undefined, { signal }).catch(() => undefined);
}
