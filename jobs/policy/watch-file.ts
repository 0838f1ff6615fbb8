/**
 * Room: follows the policy file, asks people about changes that permit more, and rechecks open decisions.
 * In: the policy file, checked every second; notices of the database; votes of teammates.
 * Out: the policy in force, policy cards, alerts, void cards and withdrawn effects.
 * May touch: the database, the policy file, the desk.
 */

import { z } from "zod";
import { goodForMs } from "#store/db/notices.ts";
import { digest } from "#core/values/canonical-json.ts";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import {
  type CurrentPolicy,
  openPolicyFile,
  storedPolicy,
  type LoadedPolicy,
} from "#policy/load-policy.ts";
import {
  activePolicy,
  lookAtPolicy,
  newestChange,
  type PolicyChange,
  type PolicyLook,
} from "#store/policy/policy-changes.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { logFailure, startRepeating, type Running } from "#core/values/deadline.ts";
import { showProcedureCards } from "#jobs/policy/card.ts";
import { expireProposed } from "#jobs/procedures/publish.ts";
import { showPolicyCards } from "./card.ts";
import {
  checkPolicyFile,
  expirePolicyChange,
  type PolicyCheck,
  type PolicySource,
  wasRefused,
} from "./change.ts";
import { isUnchanged, recheckCards, type UnchangedCards } from "./recheck-cards.ts";
import { databaseNotices } from "#store/db/database.ts";
import { storedSetting } from "#store/db/settings.ts";
import { readablePolicy } from "#policy/edit-policy.ts";

/** How often the file is checked, in milliseconds. It counts as changed once it is the same at two checks in a row. */
const TICK_MS = 1_000;

/** The file on the disk. */
export interface WatchedFile {
  readonly source: PolicySource;
  /** A value that changes whenever the file may have changed; cheap. */
  stamp(): string;
  /** Throws `config.invalid` when it cannot be read. */
  read(): string;
  /** Writes what leads agreed to; null where the file is not this process's to write. */
  readonly write?: ((text: string) => void) | null;
}

interface WatchParts {
  readonly context: JobContext & { readonly policy: CurrentPolicy };
  readonly file: WatchedFile;
  /** Throws `policy.invalid` when a policy lacks rules for something this installation does. */
  readonly requireRules: (policy: LoadedPolicy) => void;
  readonly say: (line: string) => void;
  /** The policy that the context was built with. */
  readonly inForce: Pick<PolicyChange, "id">;
}

/** Keeps the policy in force, and all that depends on it, in line with the file and with what people decide. */
export interface PolicyWatch {
  /** One check: file, decisions, cards, rechecks. What fails now is done at the next one. */
  tick(): Promise<void>;
  /** Checks the file, asks the database when there may be news, and does the rest only when there is. */
  tickIfDue(): Promise<void>;
}

interface ReadAttempt {
  stamp: string;
  /** A stamp that was new at the last check; the file may still be being written. */
  fresh: string;
  inForceId: string;
  /** Problems of the file that the team has not been told of yet. */
  untold: string;
  /** True while the file cannot be used, of which the team was told. */
  isRefused: boolean;
  /** The policy of which those who lost their role by it were told, as far as this process knows. */
  toldOf: string;
}

/** The same for all processes: who is to be told is known from the rows, whatever became of the process that was to. */
const TOLD_OF = storedSetting("policy.leavers-told", z.string());

/** Every process watches for itself; results go through rows, so that each happens once. */
export function policyWatch(given: WatchParts): PolicyWatch {
  const { context, file } = given;
  const stamp = file.stamp();
  const seen: ReadAttempt = {
    stamp,
    fresh: stamp,
    inForceId: given.inForce.id,
    untold: "",
    isRefused: false,
    toldOf: "",
  };
  const unchanged: UnchangedCards = new Set();
  const inTurn = oneAtATime();
  const news = followNews(context, file.source.kind);

  async function follow(): Promise<void> {
    const active = await context.store.run(activePolicy, file.source.kind);
    if (active === null || active.activeSince === null) return;
    if (active.id !== seen.inForceId) {
      replacePolicy(context, seen, active);
      unchanged.clear();
      given.say(`The policy changed. ${active.closing}`);
      news.changed();
    }
    // Both are decided by the same people, on cards of the same kind.
    await tellLeavers(context, seen, active);
    await showPolicyCards(context);
    await showProcedureCards(context, file.source.kind);
    await recheckCards(context, { id: active.id, since: active.activeSince }, unchanged);
    // Last: what people decide applies whatever is wrong with the file.
    await writeAgreed(given, active);
  }

  async function look(): Promise<PolicyCheck> {
    const text = file.read();
    given.requireRules(openPolicyFile(text, file.source.name).policy);
    const considered = await checkPolicyFile(context, file.source, text, "change");
    seen.untold = seen.isRefused ? USED_AGAIN : "";
    seen.isRefused = false;
    return considered;
  }

  async function checkFile(): Promise<void> {
    await lookIfChanged(given, seen, look);
    await tellProblems(context, seen);
  }

  async function checkRows(): Promise<void> {
    await expirePolicyChange(context, file.source);
    await expireProposed(context);
    await follow();
  }

  function hasWork({ activeId, proposedUntil, olderCards, ...found }: PolicyLook): boolean {
    const isExpired = proposedUntil !== null && proposedUntil <= context.clock.now();
    if (activeId !== seen.inForceId || isExpired) return true;
    if (found.staleCards || found.olderEffects || seen.toldOf !== activeId) return true;
    return olderCards.some((card) => !isUnchanged(unchanged, card, seen.inForceId));
  }

  return {
    tick: () =>
      inTurn(async () => {
        await checkFile();
        await checkRows();
      }),
    tickIfDue: () =>
      inTurn(async () => {
        await checkFile();
        const found = await news.look();
        if (found === null || !hasWork(found)) return;
        news.again();
        await checkRows();
      }),
  };
}

/**
 * Writes what leads set in the console, or agreed to, into the file, as long as that still has the text the change was
 * made from: what a person wrote there meanwhile, or leads did not agree to, is never written over. Later changes of the
 * file then go on from it.
 */
async function writeAgreed(
  { context, file, say }: WatchParts,
  active: PolicyChange,
): Promise<void> {
  const { madeFrom, source, text } = active;
  if (madeFrom === null || !file.write) return;
  const { proposed, from } = await context.store.run(async (transaction) => ({
    proposed: await newestChange(transaction, { source, state: "proposed" }),
    from: await newestChange(transaction, { source, version: madeFrom }),
  }));
  if (proposed !== null || from === null || wasRefused(from) || from.text !== file.read()) return;
  try {
    file.write(text);
    say("The policy file has what was agreed to.");
  } catch (error) {
    say(`The policy file could not be written (${reasonOf(error)}); the policy in force stays.`);
  }
}

/** Runs work in the order it is given: a click and the timer may both start a check. */
function oneAtATime(): <T>(work: () => Promise<T>) => Promise<T> {
  const turn = { last: Promise.resolve() };
  return (work) => {
    const mine = turn.last.then(work);
    turn.last = mine.then(
      () => undefined,
      () => undefined,
    );
    return mine;
  };
}

/** An invalid file changes nothing: the policy in force stays, and the problem is reported once. */
async function lookIfChanged(
  { file, say }: Pick<WatchParts, "file" | "say">,
  seen: ReadAttempt,
  look: () => Promise<PolicyCheck>,
): Promise<void> {
  const stamp = file.stamp();
  const isStill = stamp === seen.fresh;
  seen.fresh = stamp;
  if (stamp === seen.stamp || !isStill) return;
  try {
    const considered = await look();
    seen.stamp = stamp;
    const words = considered.outcome === "proposed" ? inWords(considered) : null;
    if (words !== null) say(words);
  } catch (error) {
    if (!(error instanceof DeskhandError) || error.retry) throw error;
    seen.stamp = stamp;
    seen.untold = `The policy file cannot be used, so the policy in force stays as it is:\n${error.message}`;
    say(seen.untold);
  }
}

const USED_AGAIN = "The policy file can be used again.";

async function tellProblems(context: JobContext, seen: ReadAttempt): Promise<void> {
  const { untold } = seen;
  if (untold === "") return;
  const { fallbackLead } = context.policy;
  const key = `policy:problems:${digest(untold + seen.stamp).slice(0, 32)}`;
  if (!(await isTold(context, untold, [fallbackLead], key))) return;
  seen.untold = "";
  seen.isRefused = untold !== USED_AGAIN;
}

async function isTold(
  { desk, log }: Pick<JobContext, "desk" | "log">,
  ...[text, people, key]: [text: string, people: readonly string[], key: string]
): Promise<boolean> {
  try {
    await desk.notify(text, people, key, AbortSignal.timeout(30_000));
    return true;
  } catch (error) {
    log.warn("the team was not told of a matter of the policy yet", {
      key,
      reason: reasonOf(error),
    });
    return false;
  }
}

function replacePolicy(
  { policy }: WatchParts["context"],
  seen: ReadAttempt,
  active: PolicyChange,
): void {
  policy.replace(storedPolicy(active));
  seen.inForceId = active.id;
}

/** Those who have a smaller role under the policy after, or none, by address. */
function leaversBetween(before: LoadedPolicy, after: LoadedPolicy): readonly string[] {
  const roleNow = new Map(after.teammates.map(({ address, role }) => [address, role]));
  return before.teammates
    .filter(({ address, role }) => ![role, "lead"].includes(roleNow.get(address) ?? ""))
    .map(({ address }) => address);
}

/** Nobody finds out by a press that is refused that they have no say any more. */
async function tellLeavers(
  context: WatchParts["context"],
  seen: ReadAttempt,
  active: PolicyChange,
): Promise<void> {
  if (seen.toldOf === active.id) return;
  const before = await context.store.run(async (transaction) => {
    const id = await TOLD_OF.read(transaction);
    return id === null ? null : newestChange(transaction, { id, source: active.source });
  });
  const left = before && readablePolicy(before.text);
  const leavers = left === null ? [] : leaversBetween(left.policy, context.policy);
  const text = `The policy changed. No longer in the role they had: ${leavers.join(", ")}. Tokens and webhooks they added are in the console under Policy. Ask a lead if you did not expect it: ${context.cardLink(active.id)}`;
  const key = `policy:leavers:${active.id}`;
  if (leavers.length > 0 && !(await isTold(context, text, leavers, key))) return;
  await context.store.run(TOLD_OF.write, active.id);
  seen.toldOf = active.id;
}

/** What a check found that waits for people, or that they did not agree to, as text for the log; null for anything else. */
export function inWords({ outcome, change }: PolicyCheck): string | null {
  const lines = (list: readonly string[]): string => list.map((line) => `\n  ${line}`).join("");
  switch (outcome) {
    case "same":
    case "activated":
      return null;
    case "proposed":
    case "waiting":
      return `The policy file would permit more, so it waits for ${change.needs.count === 1 ? "one person" : "two people"} on the desk to agree; until then the policy in force stays.${lines(change.relaxations)}`;
    case "behind":
      return `The policy in force has what leads agreed to, and the file does not say it yet. Write these lines into it:${lines(change.differences)}`;
    case "refused":
      return `The policy file says what people did not agree to, so the policy in force stays. ${change.closing}`;
  }
}

/** Checks repeatedly until it is stopped; a lost check loses nothing. */
export function startPolicyWatch(
  watch: Pick<PolicyWatch, "tickIfDue">,
  context: Pick<JobContext, "log">,
): Running {
  return startRepeating(async () => {
    await logFailure(context.log, "the policy watch", () => watch.tickIfDue());
    return TICK_MS;
  });
}

// Decides when a process asks the database for news of the policy.

/** A turn that was under way when the policy changed may write its card this much later. */
const AFTERMATH_MS = 60_000;

/** Asks at once after a notice or a gap in them, seldom while notices arrive, and often while there is silence. */
export function followNews({ store }: Pick<JobContext, "store">, source: PolicyChange["source"]) {
  const notices = databaseNotices(store);
  const state = { told: true, lookedAt: -Infinity, oftenUntil: -Infinity };
  notices.follow("policy", () => {
    state.told = true;
  });
  return {
    /** Asks, when it is time to; null when it is not. */
    async look(): Promise<PolicyLook | null> {
      const now = performance.now();
      const isKnown = now - state.lookedAt < goodForMs(notices);
      if (isKnown && !state.told && now >= state.oftenUntil) return null;
      // Before the question, so that a notice during it is not missed.
      state.told = false;
      try {
        const found = await lookAtPolicy(store, source);
        state.lookedAt = now;
        return found;
      } catch (error) {
        state.told = true;
        throw error;
      }
    },
    /** Asks again at the next call, since there is work that may fail or go on. */
    again(): void {
      state.told = true;
    },
    /** The policy in force changed: for a while, every call asks. */
    changed(): void {
      state.oftenUntil = performance.now() + AFTERMATH_MS;
    },
  };
}
