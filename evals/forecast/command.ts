/**
 * Room: checks that a rehearsal forecasts what happens live.
 * In: options; simulated tickets from the sandbox's past.
 * Out: forecast and simulated shares side by side, and an exit code.
 * May touch: a temporary folder, a database in memory, a sample shop on 127.0.0.1. No mailbox, no vendor, no model.
 * This file: the command.
 */
import { InvalidArgumentError } from "commander";
import { type Output, runCommand } from "#evals/command-line.ts";
import type { ForecastWorld } from "./play.ts";
import { type CheckedShare, checkForecast, POINTS_MAX, sharesOf } from "./shares.ts";
import { type Halves, halvesOf } from "./tickets.ts";

/** The exit code where a share lies further from its forecast. */
const NOT_AS_FORECAST = 1;

const TOLD_EVERY = 100;

interface Options {
  readonly tickets: number;
  readonly seed: number;
  readonly changed: boolean;
  readonly json: boolean;
}

/** What the command needs from its process. Progress is told as errors are. */
export interface CommandPorts extends Output {
  readonly openWorld: () => Promise<ForecastWorld>;
}

/**
 * Forecasts from one half and simulates the other. Returns the exit code: 0 when every share lies within five points of
 * its forecast, 1 when one does not, 2 when the options are wrong.
 */
export function forecastCommand(argv: readonly string[], ports: CommandPorts): Promise<number> {
  return runCommand<Options>("forecast", argv, ports, {
    describe: (program) =>
      program
        .description(
          "Forecasts from a rehearsal of half the tickets, and simulates the other half live.",
        )
        .option("--tickets <count>", "an even number, both halves together", evenCount, 1_000)
        .option("--seed <number>", "draws the tickets", wholeNumber, 20)
        .option(
          "--changed",
          "the second half asks for refunds alone, so that the forecast has to fail",
          false,
        )
        .option("--json", "one JSON object for a program", false),
    work: (options) => forecast(options, ports),
  });
}

async function forecast(options: Options, ports: CommandPorts): Promise<number> {
  const world = await ports.openWorld();
  try {
    const halves = halvesOf(world.now(), options);
    const checked = await played(world, halves, ports);
    const passed = checked.every(({ isWithin }) => isWithin);
    const figures = {
      answeredBy: "rehearsal rules, no AI",
      seed: options.seed,
      changed: options.changed,
      rehearsed: halves.rehearsed.length,
      simulated: halves.simulated.length,
      pointsMax: POINTS_MAX,
      shares: checked,
      passed,
    };
    ports.print(options.json ? `${JSON.stringify(figures)}\n` : linesOf(checked, figures));
    return passed ? 0 : NOT_AS_FORECAST;
  } finally {
    await world.close();
  }
}

async function played(
  world: ForecastWorld,
  { rehearsed, simulated }: Halves,
  { tell }: CommandPorts,
): Promise<readonly CheckedShare[]> {
  const all = async <Ticket, Result>(
    name: string,
    tickets: readonly Ticket[],
    play: (ticket: Ticket) => Promise<Result>,
  ): Promise<readonly Result[]> => {
    const results: Result[] = [];
    for (const ticket of tickets) {
      results.push(await play(ticket));
      if (results.length % TOLD_EVERY === 0) tell(`${name} ${results.length}/${tickets.length}\n`);
    }
    return results;
  };
  const forecast = await all("rehearsed", rehearsed, (ticket) => world.rehearse(ticket));
  const live = await all("simulated", simulated, (ticket) => world.simulate(ticket));
  return checkForecast(sharesOf(forecast), sharesOf(live));
}

function wholeNumber(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError("It has to be a whole number.");
  return Number(text);
}

function evenCount(text: string): number {
  const count = wholeNumber(text);
  if (count < 2 || count % 2 !== 0) throw new InvalidArgumentError("It has to be even, 2 or more.");
  return count;
}

const NAMES: Readonly<Record<CheckedShare["name"], string>> = {
  alone: "goes out alone",
  with_person: "with a person",
  not_at_all: "not at all",
  wrong: "wrong beside the person",
  wrong_actions: "with a wrong action",
};

function linesOf(
  checked: readonly CheckedShare[],
  { rehearsed, simulated, passed }: { rehearsed: number; simulated: number; passed: boolean },
): string {
  const line = ({ name, forecast, simulated: live, points, isWithin }: CheckedShare): string =>
    `${NAMES[name].padEnd(24)}${forecast.toFixed(1).padStart(8)} %${live.toFixed(1).padStart(10)} %${points.toFixed(1).padStart(8)}  ${isWithin ? "within" : "OUTSIDE"}`;
  return [
    `${rehearsed} tickets rehearsed, ${simulated} others simulated live; rehearsal rules, no AI`,
    `${"".padEnd(24)}  forecast   simulated  points`,
    ...checked.map(line),
    passed
      ? `Every share lies within ${POINTS_MAX} points of its forecast.`
      : `A share lies more than ${POINTS_MAX} points from its forecast.`,
    "",
  ].join("\n");
}
