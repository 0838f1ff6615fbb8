/** The commands about the resolution ledger: its numbers, the list behind each, and whether it is right. */

import type { Command } from "commander";
import { RESOLVED, ResolutionKind } from "#core/cases/resolution.ts";
import type { Clock } from "#core/contracts/ports.ts";
import { checkResolutions, recomputeResolutions } from "#jobs/reports/resolutions.ts";
import { openPolicyInForce } from "#policy/load-policy.ts";
import type { Store } from "#store/db/database.ts";
import {
  listResolutions,
  type ListedResolution,
  resolutionTotals,
  type ResolutionTotal,
} from "#store/reports/resolutions.ts";

const DAY_MS = 86_400_000;
const LIST_MAX = 1_000;
const DIFFERENCES_SHOWN = 20;

interface Asked {
  readonly list?: string;
  readonly days: string;
  readonly json?: boolean;
}

/** Adds `resolutions` and `resolutions recompute`. */
export function addResolutionCommands(
  program: Command,
  { store, clock }: { readonly store: Store; readonly clock: Clock },
  textInForce: () => Promise<string>,
  print: (text: string) => void,
): void {
  const resolutions = program
    .command("resolutions")
    .description("how what customers asked ended, with what it cost")
    .option("--list <kind>", `the matters behind a number: ${ResolutionKind.options.join(", ")}`)
    .option("--days <days>", "of how many days", "28")
    .option("--json", "for a program")
    .action(async (asked: Asked) => {
      const span = spanOf(asked.days, clock.now());
      print(
        asked.list === undefined
          ? await totalsText(store, span, asked.json === true)
          : await listText(store, { ...span, kind: kindOf(asked.list) }, asked.json === true),
      );
    });
  resolutions
    .command("recompute")
    .description("decides every conversation anew from its messages and signals")
    .option(
      "--check",
      "changes nothing: says whether the ledger is what they say, and exits with 1 if not",
    )
    .action(async ({ check }: { check?: boolean }) => {
      const { policy } = openPolicyInForce(await textInForce());
      if (check === true) {
        print(await checkText(store, clock.now(), policy.solvedAfterMs));
        return;
      }
      const count = await recomputeResolutions(store, clock.now(), policy.solvedAfterMs);
      print(`${count} conversation${count === 1 ? "" : "s"} decided anew`);
    });
}

function spanOf(days: string, now: Date): { readonly from: Date; readonly to: Date } {
  if (!/^\d{1,4}$/.test(days) || Number(days) === 0)
    throw new Error(`${days} is no number of days; nothing was read. Say for example --days 28`);
  return {
    from: new Date(now.getTime() - Number(days) * DAY_MS),
    to: new Date(now.getTime() + 1),
  };
}

function kindOf(typed: string): ResolutionKind {
  const kind = ResolutionKind.safeParse(typed.toLowerCase().replaceAll("-", "_"));
  if (kind.success) return kind.data;
  throw new Error(
    `${typed} is no way to end; nothing was read. There are: ${ResolutionKind.options.join(", ")}`,
  );
}

async function totalsText(
  store: Store,
  span: { readonly from: Date; readonly to: Date },
  asJson: boolean,
): Promise<string> {
  const totals = await resolutionTotals(store, span);
  const all = totals.reduce((sum, { count }) => sum + count, 0);
  const resolved = totals
    .filter(({ kind }) => RESOLVED.includes(kind))
    .reduce((sum, { count }) => sum + count, 0);
  if (asJson) return JSON.stringify({ ...span, ended: all, resolved, kinds: totals }, null, 2);
  if (all === 0) return "Nothing that customers asked ended in these days.";
  return [
    ...ResolutionKind.options.map((kind) =>
      totalLine(kind, totals.find((total) => total.kind === kind) ?? null),
    ),
    `resolved: ${resolved} of ${all} (${Math.round((100 * resolved) / all)} %); what people answered never counts`,
  ].join("\n");
}

function totalLine(kind: ResolutionKind, total: ResolutionTotal | null): string {
  const name = kind.replaceAll("_", " ").padEnd(11);
  if (total === null) return `${name}${"0".padStart(6)}`;
  const { count, usd, unpriced, humanMinutes, timed } = total;
  const price = unpriced === 0 ? "" : `, the price of ${unpriced} turns is not known`;
  const minutes =
    humanMinutes === null
      ? ""
      : `, ${humanMinutes.toFixed(1)} minutes of people known for ${timed}`;
  return `${name}${String(count).padStart(6)}  ${usd.toFixed(4)} USD${price}${minutes}`;
}

async function listText(
  store: Store,
  asked: { readonly kind: ResolutionKind; readonly from: Date; readonly to: Date },
  asJson: boolean,
): Promise<string> {
  const rows = await listResolutions(store, { ...asked, limit: LIST_MAX });
  if (asJson) return JSON.stringify(rows, null, 2);
  if (rows.length === 0)
    return `Nothing ended as ${asked.kind.replaceAll("_", " ")} in these days.`;
  return rows.map(lineOf).join("\n");
}

function lineOf(row: ListedResolution): string {
  const { conversationId, channel, endedAt, reason, usd, humanMinutes } = row;
  const minutes = humanMinutes === null ? "" : `  ${humanMinutes.toFixed(1)} min`;
  return `${endedAt?.toISOString() ?? ""}  ${channel.padEnd(8)} ${conversationId}  ${reason}  ${usd.toFixed(4)} USD${minutes}`;
}

/** Throws when a row is not what the events say, so that the command ends with 1. */
async function checkText(store: Store, now: Date, quietMs: number): Promise<string> {
  const { conversations, matters, due, differences } = await checkResolutions(store, now, quietMs);
  const waiting = due === 0 ? "" : `; ${due} are decided in a moment and were not compared`;
  const looked = `${matters} matters of ${conversations} conversations${waiting}`;
  if (differences.length === 0) return `equal: ${looked}`;
  const more =
    differences.length > DIFFERENCES_SHOWN
      ? [`… and ${differences.length - DIFFERENCES_SHOWN} more`]
      : [];
  throw new Error(
    [
      `${differences.length} rows are not what the events say (${looked}); nothing was changed. deskhand resolutions recompute puts them right.`,
      ...differences.slice(0, DIFFERENCES_SHOWN),
      ...more,
    ].join("\n"),
  );
}
