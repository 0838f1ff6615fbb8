/** Tells the team on the desk what is wrong with the installation, once and once more when it is over, and which help pages changed. */

import { z } from "zod";
import { digest } from "#core/values/canonical-json.ts";
import { forgetPageChanges, type PageChange, untoldPages } from "#store/knowledge/page-changes.ts";
import { readSetting, writeSetting } from "#store/db/settings.ts";
import { LIMITS, type JobContext } from "#jobs/context/job-context.ts";
import { type Condition, currentConditions, inWords, listed } from "./conditions.ts";
import type { SeenFigures } from "./follow-figures.ts";

const SETTING = "operating.alerts";

/** What lasts no longer than this is not told: a restart or a burst is over sooner. */
const LASTING_MS = 120_000;

/** What is wrong, by name: since when, and whether the team knows. */
const Open = z.record(z.string(), z.strictObject({ since: z.iso.datetime(), told: z.boolean() }));
export type Open = z.infer<typeof Open>;

/** Something to tell. */
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
    read: async () =>
      (await store.run((transaction) => readSetting(transaction, SETTING, Open))) ?? {},
    save: (open) => store.run((transaction) => writeSetting(transaction, SETTING, open)),
  };
  await tellChanges(desk, notes, currentConditions(seen), clock.now());
}

/**
 * Tells what began or ended since the last look; a desk that is away is told later. The desk is asked directly: an alert
 * through the queue of work would wait behind what it is about.
 */
export async function tellChanges(
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

/** What is open after this look, and what there is to tell. Pure. */
export function changesIn(
  before: Open,
  conditions: readonly Condition[],
  now: Date,
): { readonly open: Open; readonly tellings: readonly Telling[] } {
  const open: Open = {};
  const tellings: Telling[] = [];
  for (const { name, sentence } of conditions) {
    const known = before[name] ?? { since: now.toISOString(), told: false };
    open[name] = known;
    if (known.told || now.getTime() - Date.parse(known.since) < LASTING_MS) continue;
    const text = `${sentence} What to do: ${runbookPath(name)}`;
    const key = `operating:${name}:${known.since}`;
    tellings.push({ name, text, key, afterwards: { ...known, told: true } });
  }
  for (const [name, known] of Object.entries(before)) {
    if (open[name] !== undefined || !known.told) continue;
    // It stays noted until the team knows.
    open[name] = known;
    const lasted = inWords((now.getTime() - Date.parse(known.since)) / 1_000);
    const text = `Over after ${lasted}: ${name.replaceAll("-", " ")} (${runbookPath(name)})`;
    tellings.push({ name, text, key: `operating:${name}:${known.since}:over`, afterwards: null });
  }
  return { open, tellings };
}

/** What comes nearer is told again under another number; all have one page. */
function runbookPath(name: string): string {
  return `docs/runbooks/${name.replace(/-\d+$/, "")}.md`;
}

// Which help pages changed: what a page says goes out to customers.

const KINDS: readonly PageChange["what"][] = ["new", "changed", "removed"];
const TITLE_MAX = 80;

/** One message for all pages that changed since the last look. A desk that is away is told later, and nothing twice. */
export async function tellPageChanges({
  store,
  desk,
}: Pick<JobContext, "store" | "desk">): Promise<void> {
  const changes = await store.run(untoldPages);
  if (changes.length === 0) return;
  const parts = KINDS.flatMap((what) => {
    const titles = changes
      .filter((change) => change.what === what)
      .map(({ title }) => title.slice(0, TITLE_MAX).toWellFormed());
    return titles.length === 0 ? [] : [`${titles.length} ${what} (${listed(titles)})`];
  });
  const text = `Help pages that answers rest on have changed: ${parts.join(", ")}.`;
  const key = `help-pages:${digest(changes).slice(0, 32)}`;
  await desk.notify(text, [], key, AbortSignal.timeout(LIMITS.effectMs));
  await store.run((transaction) => forgetPageChanges(transaction, changes));
}
