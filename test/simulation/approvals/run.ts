/** Runs approvals with every fault and counts the commits that differ from what was approved. */
import { FAULTS } from "./fault-list.ts";
import { openEnvironment } from "./environment.ts";
import { beginTrial } from "./trial.ts";

/** The number the promise is stated for. */
const APPROVALS = 1_000;

/** Approvals between two progress lines. */
const TOLD_EVERY = 100;

/** The results of all approvals with one fault. */
interface FaultCount {
  readonly n: number;
  /** Commits that differ from what was clicked. */
  readonly wrong: number;
}

/** The result of a whole run. */
export interface SealsReport {
  readonly approvals: number;
  readonly faults: Readonly<Record<string, FaultCount>>;
  readonly wrong: number;
}

/**
 * Runs this many faulted approvals, each fault in turn. `told` gets a line for each wrong commit, and a progress line
 * now and then. Without a URL the embedded database is used.
 */
export async function faultedApprovals(
  approvals: number,
  told: (line: string) => void,
  databaseUrl: string | null = null,
): Promise<SealsReport & { readonly right: number }> {
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
export async function runSeals(
  options: { readonly json: boolean },
  print: (line: string) => void,
): Promise<{ readonly ok: boolean }> {
  const { right, ...report } = await faultedApprovals(APPROVALS, (line) =>
    process.stderr.write(`${line}\n`),
  );
  if (options.json) print(JSON.stringify(report));
  else {
    for (const [name, { n, wrong }] of Object.entries(report.faults))
      print(`${String(n).padStart(5)} ${wrong === 0 ? "held  " : `${wrong} WRONG`} ${name}`);
    print(
      `${report.approvals} faulted approvals: ${right} commits were what was clicked, ${report.wrong} were not.`,
    );
  }
  return { ok: report.wrong === 0 };
}
