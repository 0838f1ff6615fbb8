/**
 * What the team is told of the installation itself, by what only this process sees and by its figures, once and once more
 * when it is over; and which help pages changed.
 */

import { z } from "zod";
import { type Running, startRepeating } from "#core/values/deadline.ts";
import { reasonOf } from "#core/values/errors.ts";
import {
  type ConnectionBoard,
  NEED_NAMES,
  type NeedName,
  NEEDS,
} from "#core/connection/connection-board.ts";
import { daysTold, endInWords, type ModelEnd } from "#core/contracts/model.ts";
import type { Log } from "#core/contracts/ports.ts";
import { type JobContext, LIMITS } from "#jobs/context/job-context.ts";
import { digest } from "#core/values/canonical-json.ts";
import { durationText } from "#core/values/moment.ts";
import { markCiting } from "#jobs/cases/mark-changed.ts";
import { nameOfWritten } from "#jobs/knowledge/pages.ts";
import {
  forgetPageChanges,
  type PageChange,
  takeUnmarked,
  untoldPages,
} from "#store/knowledge/page-notes.ts";
import { readSetting, writeSetting } from "#store/db/settings.ts";
import type { SeenFigures } from "./follow-figures.ts";

const LOOK_MS = 30_000;

/** The same as in the rule for Prometheus. */
const LOST_MS = 5 * 60_000;

/** The same as in the rule for Prometheus. */
const LONG_QUEUE_WAKES = 100_000;

// What only this process sees: a lost connection or sign-in, a database, Redis or storage that refuses its work, a wrong
// clock, a full disk under its log, a queue that grew long. None of it needs the database to be told.

/** What a process needs and has not, as its readiness saw it: no reason for what is met or not looked at. */
type SeenNeeds = Readonly<Partial<Record<NeedName, { readonly reason: string | null }>>>;

interface Watched {
  /** Asked for those that this process tells of. */
  readonly needs: (isTold: (name: NeedName) => boolean) => Promise<SeenNeeds>;
  /** Whether this process tells of what all share. */
  readonly connects: boolean;
  /** Which models end when, as far as this process looks. */
  readonly modelEnds: () => readonly ModelEnd[];
  /** How many wakes wait; null where this process does not answer for the queue. */
  readonly queued: () => Promise<number | null>;
  readonly board: Pick<ConnectionBoard, "states">;
  /** `ok`, or what has to be done, by identity. */
  readonly credentialStates: () => Readonly<Record<string, string>>;
}

/** What is wrong with the connections of this process. Pure. */
function lostConnections(
  { board, credentialStates }: Pick<Watched, "board" | "credentialStates">,
  now: Date,
): readonly Condition[] {
  const lost = board
    .states()
    .filter(({ connected, since }) => !connected && now.getTime() - since.getTime() > LOST_MS)
    .map(
      ({ name, since, reason }) =>
        `${name}: away for ${durationText(now.getTime() - since.getTime())}, ${reason}.`,
    );
  const broken = Object.entries(credentialStates())
    .filter(([, state]) => state !== "ok")
    .map(([name, state]) => `${name} cannot sign in: ${state}.`);
  const conditions = { "channel-silent": lost, "credential-broken": broken };
  return Object.entries(conditions).flatMap(([name, sentences]) =>
    sentences.length === 0 ? [] : [{ name, sentence: sentences.join(" ") }],
  );
}

/** What refuses its work, each with what was kept and what to do. Pure. */
export function refusing(needs: SeenNeeds, queued: number | null): readonly Condition[] {
  const found = NEED_NAMES.flatMap((name): Condition[] => {
    const reason = needs[name]?.reason ?? null;
    // The code is for programs.
    return reason !== null
      ? [{ name: NEEDS[name].runbook, sentence: reason.replace(/^\w+\.\w+: /, "") }]
      : [];
  });
  return (queued ?? 0) > LONG_QUEUE_WAKES
    ? [...found, { name: "queue-long", sentence: `${queued} wakes wait in the queue.` }]
    : found;
}

/** Whether a process that keeps connections, or one that keeps none, tells of this need. */
export function isToldBy(name: NeedName, connects: boolean): boolean {
  const { toldBy } = NEEDS[name];
  return toldBy === "each" || (toldBy === "connecting" && connects);
}

/** Looks twice a minute until it is stopped. What was told is forgotten with the process, and told again by the next. */
export function watchProcess(
  { desk, clock, log }: Pick<JobContext, "desk" | "clock" | "log">,
  watched: Watched,
): Running {
  const state: { open: Open } = { open: {} };
  const notes = {
    read: async () => state.open,
    save: async (open: Open) => void (state.open = open),
  };
  return startRepeating(async () => {
    const now = clock.now();
    try {
      // Redis that is away has no length to tell.
      const queued = await watched.queued().catch(() => null);
      const needs = await watched.needs((name) => isToldBy(name, watched.connects));
      const refused = refusing(needs, queued);
      const ends = endingModels(watched.modelEnds(), now);
      await tellChanges(desk, notes, [...refused, ...lostConnections(watched, now), ...ends], now);
    } catch (error) {
      log.warn("the team could not be told of what is wrong", { reason: reasonOf(error) });
    }
    return LOOK_MS;
  });
}

// Which models end soon, for the team and for the metrics.

/** Providers name the day months ahead, so it is looked rarely. */
const ENDS_LOOK_MS = 3_600_000;

/** What ends soon, told anew at each number of days. Pure. */
function endingModels(ends: readonly ModelEnd[], now: Date): readonly Condition[] {
  const near = ends.flatMap((end) => {
    const days = daysTold(end, now);
    return days === null ? [] : [{ end, stage: `${end.model} ${days}` }];
  });
  if (near.length === 0) return [];
  const sentence = near.map(({ end }) => endInWords(end, now)).join(" ");
  return [{ name: "model-end", sentence, stage: near.map(({ stage }) => stage).join() }];
}

/** Looks at once and every hour, until it is stopped; `seen` is what was found last. */
export function followModelEnds(
  look: () => Promise<readonly ModelEnd[]>,
  log: Log,
): Running & { seen(): readonly ModelEnd[] } {
  const state: { seen: readonly ModelEnd[] } = { seen: [] };
  const looking = startRepeating(async () => {
    await look().then(
      (found) => (state.seen = found),
      (error: unknown) =>
        log.warn("the ends of models could not be read", { reason: reasonOf(error) }),
    );
    return ENDS_LOOK_MS;
  });
  return { ...looking, seen: () => state.seen };
}

const MINUTE_S = 60;
const HOUR_S = 60 * MINUTE_S;

/** The thresholds, in seconds and US dollars. A test compares them with `docs/prometheus/alerts.yml`. */
export const THRESHOLDS = {
  "oldest-unread": 5 * MINUTE_S,
  "not-moving": 30,
  "effect-executing": 15 * MINUTE_S,
  "cards-waiting": 4 * HOUR_S,
  "spend-per-hour": 20,
  "audit-unsealed": 10 * MINUTE_S,
  "backup-old": 26 * HOUR_S,
  // A takeover after a kill takes ten seconds, a restart of the only reader less than a minute.
  "no-reader": 2 * MINUTE_S,
} as const;

/** So many names are told at once. */
const NAMES_MAX = 5;

/** The name of a condition, which is that of its runbook. */
export type ConditionName = keyof typeof THRESHOLDS;

interface Condition {
  /** That of its runbook. */
  readonly name: string;
  /** One sentence for the team. */
  readonly sentence: string;
  /** How far it has come: at another stage it is told again. */
  readonly stage?: string;
}

/**
 * What is wrong at this moment. What a dead letter or an effect of unknown end means is told when it happens, with its
 * case, and so is a provider that is away by the effects that wait for it. Pure.
 */
export function currentConditions(seen: SeenFigures): readonly Condition[] {
  const { figures } = seen;
  const unheld = seen.unheld ?? [];
  const { unread, due, executing, card, unsealed, backup, unheld: unheldFor } = agesIn(seen);
  const lasted = (seconds: number): string => durationText(1_000 * seconds);
  const found: readonly (readonly [ConditionName, number, string])[] = [
    // Not even a pause excuses these: reading goes on, what has begun ends, and what it holds is not due.
    [
      "oldest-unread",
      unread,
      `${figures.unread.count} deliveries are unread, the oldest for ${lasted(unread)}.`,
    ],
    [
      "not-moving",
      due,
      `${figures.due.count} cards and effects are due and do not move, the oldest for ${lasted(due)}.`,
    ],
    [
      "effect-executing",
      executing,
      `${figures.executing.count} effects were begun and have not ended, the oldest ${lasted(executing)} ago.`,
    ],
    ["cards-waiting", card, `The oldest card has waited for a decision for ${lasted(card)}.`],
    [
      "spend-per-hour",
      figures.spentUsd,
      `The model cost ${figures.spentUsd.toFixed(2)} US dollars in the last hour.`,
    ],
    [
      "audit-unsealed",
      unsealed,
      `${figures.unsealed.count} entries of the audit are not sealed, the oldest for ${lasted(unsealed)}.`,
    ],
    // Without any backup of ours, PostgreSQL's own means may be in use.
    ["backup-old", backup, `The last backup was written ${lasted(backup)} ago.`],
    [
      "no-reader",
      unheldFor,
      `No process reads ${listed(unheld.map(({ name }) => name))}, the first for ${lasted(unheldFor)} by now.`,
    ],
  ];
  return found.flatMap(([name, value, sentence]) =>
    value > THRESHOLDS[name] ? [{ name, sentence }] : [],
  );
}

/** For how many seconds each has lasted that a condition or a gauge is about; 0 for what is not there. */
export function agesIn({ at, figures, unheld }: SeenFigures) {
  const age = (since: Date | null): number =>
    since === null ? 0 : Math.max(0, (at.getTime() - since.getTime()) / 1_000);
  return {
    unread: age(figures.unread.oldest),
    due: age(figures.due.oldest),
    intended: age(figures.intended.oldest),
    executing: age(figures.executing.oldest),
    card: age(figures.cards.oldest),
    unsealed: age(figures.unsealed.oldest),
    backup: age(figures.backupAt),
    unheld: unheld?.[0]?.seconds ?? 0,
  };
}

/** The first few names, and how many more there are. */
function listed(all: readonly string[]): string {
  const names = all.slice(0, NAMES_MAX);
  const more = all.length - names.length;
  return more > 0 ? `${names.join(", ")} and ${more} more` : names.join(", ");
}

const SETTING = "operating.alerts";

/** What lasts no longer than this is not told: a restart or a burst is over sooner. */
const LASTING_MS = 120_000;

/** What is wrong, by name: since when, and whether the team knows, and of which stage. */
const Open = z.record(
  z.string(),
  z.strictObject({ since: z.iso.datetime(), told: z.boolean(), stage: z.string().exactOptional() }),
);
type Open = z.infer<typeof Open>;

interface Telling {
  readonly name: string;
  readonly text: string;
  readonly key: string;
  /** How the condition is noted once it is told; null when it is over. */
  readonly afterwards: Open[string] | null;
}

/** Where it is noted what the team knows. */
interface Notes {
  read(): Promise<Open>;
  save(open: Open): Promise<void>;
}

/**
 * Tells what began or ended in the installation since the last look. What is known is kept in the database, so that a
 * restart or another leader tells nothing twice.
 */
export async function tellTeam(
  { store, clock, desk }: Pick<JobContext, "store" | "clock" | "desk">,
  seen: SeenFigures,
): Promise<void> {
  const notes: Notes = {
    read: async () => (await readSetting(store, SETTING, Open)) ?? {},
    save: (open) => store.run(writeSetting, SETTING, open),
  };
  await tellChanges(desk, notes, currentConditions(seen), clock.now());
}

/**
 * Tells what began or ended since the last look; a desk that is away is told later. The desk is asked directly: an alert
 * through the queue of work would wait behind what it is about.
 */
async function tellChanges(
  desk: Pick<JobContext["desk"], "notify">,
  notes: Notes,
  conditions: readonly Condition[],
  now: Date,
): Promise<void> {
  const before = await notes.read();
  const { open, tellings } = changesIn(before, conditions, now);
  let state = open;
  if (JSON.stringify(state) !== JSON.stringify(before)) await notes.save(state);
  for (const { name, text, key, afterwards } of tellings) {
    await desk.notify(text, [], key, AbortSignal.timeout(LIMITS.effectMs));
    const { [name]: _told, ...others } = state;
    state = afterwards === null ? others : { ...others, [name]: afterwards };
    await notes.save(state);
  }
}

/** Each stage of a model's end had a name of its own up to 0.4.0. */
const FORMER_NAME = /^model-end-\d+$/;

function stagesOf({ stage = "" }: Pick<Condition, "stage">): readonly string[] {
  return stage.split(",");
}

/** What is open after this look, and what there is to tell. Pure. */
export function changesIn(
  before: Open,
  conditions: readonly Condition[],
  now: Date,
): { readonly open: Open; readonly tellings: readonly Telling[] } {
  const open: Open = {};
  const tellings: Telling[] = [];
  for (const { name, sentence, ...reached } of conditions) {
    const known = before[name] ?? { since: now.toISOString(), told: false };
    open[name] = known;
    const isTold = known.told && stagesOf(reached).every((one) => stagesOf(known).includes(one));
    if (isTold || now.getTime() - Date.parse(known.since) < LASTING_MS) continue;
    const text = `${sentence} What to do: ${runbookPath(name)}`;
    const key = ["operating", name, known.since, ...Object.values(reached)].join(":");
    tellings.push({ name, text, key, afterwards: { ...known, ...reached, told: true } });
  }
  for (const [name, known] of Object.entries(before)) {
    if (open[name] !== undefined || !known.told || FORMER_NAME.test(name)) continue;
    // It stays noted until the team knows.
    open[name] = known;
    const lasted = durationText(now.getTime() - Date.parse(known.since));
    const text = `Over after ${lasted}: ${name.replaceAll("-", " ")} (${runbookPath(name)})`;
    tellings.push({ name, text, key: `operating:${name}:${known.since}:over`, afterwards: null });
  }
  return { open, tellings };
}

function runbookPath(name: string): string {
  return `docs/runbooks/${name}.md`;
}

// Which help pages changed: what a page says goes out to customers.

const KINDS: readonly PageChange["what"][] = ["new", "changed", "removed"];
const TITLE_MAX = 80;

/**
 * A mark on the cards that cite a page that changed since the last look, and one message for all. A desk that is away is
 * told later, and nothing twice; no card waits for it.
 */
export async function tellPageChanges({
  store,
  desk,
  clock,
}: Pick<JobContext, "store" | "desk" | "clock">): Promise<void> {
  const changes = await untoldPages(store);
  if (changes.length === 0) return;
  await store.run(async (transaction) => {
    for (const { slug, what, ...noted } of await takeUnmarked(transaction))
      // The cards of a page written here are marked as it is written.
      if (what !== "new" && nameOfWritten(slug) === null)
        await markCiting({ store }, transaction, { slug, what: `was ${what}`, noted }, clock.now());
  });
  const parts = KINDS.flatMap((what) => {
    const titles = changes
      .filter((change) => change.what === what)
      .map(({ title }) => title.slice(0, TITLE_MAX).toWellFormed());
    return titles.length === 0 ? [] : [`${titles.length} ${what} (${listed(titles)})`];
  });
  const text = `Help pages that answers rest on have changed: ${parts.join(", ")}.`;
  const key = `help-pages:${digest(changes).slice(0, 32)}`;
  await desk.notify(text, [], key, AbortSignal.timeout(LIMITS.effectMs));
  await store.run(forgetPageChanges, changes);
}
