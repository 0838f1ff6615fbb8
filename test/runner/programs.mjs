/**
 * The developer's programs, by the script of package.json and the name behind `--` that run them. The program called
 * `own` runs without a name.
 */

/**
 * A program: its file, what it is given before the arguments, and whether a throwaway PostgreSQL and Redis run beside it.
 * With `needsBoth` it cannot do without them; `database` overrides settings of that PostgreSQL, and with `onDisk` both
 * keep their files on the disk.
 */
const alone = (file, ...first) => ({ file, first });
const besideServices = (file, more = {}) => ({ file, first: [], services: more });

/** One table for each script. */
export const PROGRAMS = {
  evals: {
    own: alone("evals/main.ts"),
    contradictions: alone("evals/main.ts", "contradictions"),
    delicate: alone("evals/main.ts", "delicate"),
    guard: alone("evals/main.ts", "guard"),
    knowledge: alone("evals/main.ts", "knowledge"),
    mail: alone("evals/main.ts", "mail"),
    questions: alone("evals/main.ts", "questions"),
    replies: alone("evals/main.ts", "replies"),
    flood: alone("evals/main.ts", "flood"),
    forecast: alone("evals/main.ts", "forecast"),
    redteam: alone("evals/main.ts", "redteam"),
    "same-case": alone("evals/main.ts", "same-case"),
    promises: alone("test/simulation/promises.ts"),
    "guard-train": alone("evals/guard/training/main.ts"),
    "delicate-train": alone("evals/guard/training/delicate.ts"),
    "junk-train": alone("evals/guard/training/junk.ts"),
    "data-suites": alone("test/data-suites/main.ts"),
    "zendesk-spec": besideServices("test/zendesk/spec/main.ts"),
  },
  bench: {
    // What a conversation costs where each commit waits for the disk, as it does for a team.
    own: besideServices("test/bench/main.ts", {
      database: { fsync: "on", synchronous_commit: "on", full_page_writes: "on" },
      onDisk: true,
    }),
    sizing: alone("test/bench/sizing/main.ts"),
    growth: besideServices("test/bench/stored/growth.ts", { onDisk: true }),
    sealing: besideServices("test/bench/sizing/sealing.ts"),
  },
  faults: {
    // A suite that leaves out the cases it cannot run would look like one that ran them.
    own: besideServices("test/faults/main.ts", { needsBoth: true }),
    hosts: besideServices("test/hosts/main.ts"),
    gate: besideServices("test/gate/main.ts"),
  },
  soak: {
    own: besideServices("test/soak/main.ts", {
      needsBoth: true,
      // A killed process must not take what it has committed with it.
      database: { synchronous_commit: "on" },
    }),
  },
  figures: {
    own: alone("test/figures/main.ts"),
    "long-queue": besideServices("test/figures/long-queue.ts"),
    recovery: besideServices("test/figures/recovery.ts"),
  },
  pictures: { own: besideServices("test/pictures/main.ts") },
  package: {
    own: alone("test/release/make-package.mjs"),
    notes: alone("test/release/main.ts", "notes"),
    sbom: alone("test/release/main.ts", "sbom"),
    "earlier-version": besideServices("test/upgrades/make-dump.ts"),
  },
};

/** What else than an option or a path stands first is a name. */
const NAME = /^[a-z][a-z0-9-]*$/u;

/**
 * The program that `script` runs with these arguments, and what is left of them. Throws an error that lists the names
 * when there is none of that name.
 */
export function chosenProgram(script, given) {
  const table = PROGRAMS[script];
  if (table === undefined)
    throw new Error(`No script ${script}: ${Object.keys(PROGRAMS).join(", ")}.`);
  const [word, ...rest] = given;
  const names = Object.keys(table).filter((name) => name !== "own");
  if (names.includes(word)) return { program: table[word], parameters: rest };
  if (word === undefined || names.length === 0 || !NAME.test(word))
    return { program: table.own, parameters: given };
  throw new Error(
    `npm run ${script} knows no "${word}". Without a name it runs its own program; the names are ${names.join(", ")}.`,
  );
}
