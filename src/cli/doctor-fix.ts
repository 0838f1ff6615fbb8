/** The command `doctor --fix`: says what it would repair, asks for leave, repairs, and looks again. */

import type { Finding } from "#core/connection/diagnosis.ts";
import { reasonOf } from "#core/values/errors.ts";
import { repairsFor, type Repair, type RepairSite } from "#doctor/repairs.ts";
import { doctorScreen, isProblem } from "./doctor-screen.ts";
import type { Terminal } from "./init/terminal.ts";

/** What the command works with. */
export interface FixSurroundings {
  readonly site: RepairSite;
  readonly look: () => Promise<readonly Finding[]>;
  readonly say: (text: string) => void;
  /** Null where there is no person at a terminal. */
  readonly terminal: (() => Terminal) | null;
  /** True when leave was given on the command line. */
  readonly isAgreed: boolean;
}

/** Exit code for a call that has to be typed in another way. */
const MISUSED = 2;

/** Gives the exit code: 0 when no problem is left. What only a person can mend stays listed. */
export async function doctorFix(surroundings: FixSurroundings): Promise<number> {
  const { say, look, site } = surroundings;
  const before = await look();
  say(doctorScreen(before));
  const repairs = repairsFor(before, site);
  if (repairs.length === 0) {
    say("\nThere is nothing here that --fix can mend.");
    return codeFor(before);
  }
  say("\ndoctor --fix will:");
  for (const { what } of repairs) say(`  - ${what}`);
  const leave = await leaveFor(surroundings, repairs);
  if (leave === "misused") {
    say("Nothing was changed. --yes gives leave where there is no terminal to ask on.");
    return MISUSED;
  }
  if (leave === "no") {
    say("Nothing was changed.");
    return codeFor(before);
  }
  for (const repair of repairs) say(await carriedOut(repair, leave.adminToken));
  say("\nLooking again …\n");
  const after = await look();
  say(doctorScreen(after));
  return codeFor(after);
}

function codeFor(findings: readonly Finding[]): number {
  return findings.some(isProblem) ? 1 : 0;
}

type Leave = "no" | "misused" | { readonly adminToken: string | null };

async function leaveFor(
  { site, terminal: open, isAgreed }: FixSurroundings,
  repairs: readonly Repair[],
): Promise<Leave> {
  const token = site.environment["ZENDESK_ADMIN_TOKEN"] ?? null;
  if (isAgreed) return { adminToken: token };
  if (open === null) return "misused";
  const terminal = open();
  try {
    const answer = await terminal.ask("Go ahead (yes or no) [yes]: ");
    if (/^\s*n/i.test(answer)) return "no";
    if (token !== null || !repairs.some(({ needsAdminToken }) => needsAdminToken))
      return { adminToken: token };
    const prompt = "An admin's access token for Zendesk, used once and not kept [leave it]: ";
    const typed = (await terminal.ask(prompt, { hidden: true })).trim();
    return { adminToken: typed === "" ? null : typed };
  } finally {
    terminal.close();
  }
}

async function carriedOut(repair: Repair, adminToken: string | null): Promise<string> {
  try {
    return `✓ ${await repair.run(adminToken)}`;
  } catch (error) {
    return `✗ not done: ${repair.what}: ${reasonOf(error)}`;
  }
}
