/** Runs approvals with every fault and counts the commits that differ from what was approved. */
import { DATABASE_FAULTS } from "./database-faults.ts";
import { DESK_FAULTS } from "./desk-faults.ts";
import { openEnvironment } from "./environment.ts";
import { beginTrial, type Trial } from "./trial.ts";
import { WORLD_FAULTS } from "./world-faults.ts";

/** Every fault by a descriptive name: plays one approval with it. The judge decides whether the result is right. */
export const FAULTS: Readonly<Record<string, (trial: Trial) => Promise<void>>> = {
  ...DESK_FAULTS,
  ...WORLD_FAULTS,
  ...DATABASE_FAULTS,
};

/** The number the promise is stated for. */
const APPROVALS = 1_000;

/** Approvals between two progress lines. */
const TOLD_EVERY = 100;

/**
 * Runs this many faulted approvals, each fault in turn, and counts for each fault and in all how many commits differ from
 * what was clicked. `told` gets a line for each of them, and a progress line now and then. Without a URL the embedded
 * database is used.
 */
export async function faultedApprovals(
  approvals: number,
  told: (line: string) => void,
  databaseUrl: string | null = null,
) {
  const names = Object.keys(FAULTS);
  const counts = new Map(names.map((name) => [name, { n: 0, wrong: 0 }]));
  const environment = await openEnvironment(databaseUrl);
  let right = 0;
  try {
    for (let number = 0; number < approvals; number += 1) {
      const name = names[number % names.length] ?? "";
      const count = counts.get(name);
      const fault = FAULTS[name];
      if (fault === undefined || count === undefined) throw new Error(`there is no fault ${name}`);
      const trial = await beginTrial(environment, Math.floor(number / names.length));
      await fault(trial);
      count.n += 1;
      count.wrong += trial.judge.wrong.length;
      right += trial.judge.right;
      for (const line of trial.judge.wrong) told(`${name}: ${line}`);
      if ((number + 1) % TOLD_EVERY === 0) told(`${number + 1} of ${approvals}`);
    }
  } finally {
    await environment.close();
  }
  return {
    approvals,
    faults: Object.fromEntries(counts),
    wrong: [...counts.values()].reduce((sum, { wrong }) => sum + wrong, 0),
    right,
  };
}

/**
 * 1,000 approvals, in each of which something goes wrong between the card, the click and the commit. Counts commits
 * that differ from what was clicked; the promise is that there are none.
 */
export async function sealsPromise() {
  const { right, ...figures } = await faultedApprovals(APPROVALS, (line) =>
    process.stderr.write(`${line}\n`),
  );
  const lines = [
    ...Object.entries(figures.faults).map(
      ([name, { n, wrong }]) =>
        `${String(n).padStart(5)} ${wrong === 0 ? "held  " : `${wrong} WRONG`} ${name}`,
    ),
    `${figures.approvals} faulted approvals: ${right} commits were what was clicked, ${figures.wrong} were not.`,
  ];
  return { figures, lines, ok: figures.wrong === 0 };
}
