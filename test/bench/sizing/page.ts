/** Reads the costs the performance page tells, and writes the tables of docs/sizing.md. */
import type { Assumptions, ChannelCost, Size } from "./sizing.ts";

/** The heading of the table on the page that the benchmark writes. */
const PATHS = "## The whole path of each channel";

/** The costs of each channel from `docs/performance.md`; throws when its table is not there. */
export function costsOnPage(page: string): Readonly<Record<string, ChannelCost>> {
  const [, section = ""] = page.split(PATHS);
  const rows = (section.split("\n## ")[0] ?? "")
    .split("\n")
    .filter((line) => /^\| \w+ \|/u.test(line))
    .map((line) => line.split("|").map((cell) => cell.replaceAll("*", "").trim()));
  if (rows.length === 0)
    throw new Error("docs/performance.md has no table of the channels' paths.");
  return Object.fromEntries(
    rows.map(([, channel = "", , ...cells]) => {
      const [webMs, workerMs, channelsMs, postgresMs, redisMs, statements, commits] =
        cells.map(Number);
      return [
        channel,
        {
          webMs: known(webMs),
          workerMs: known(workerMs),
          channelsMs: known(channelsMs),
          postgresMs: known(postgresMs),
          redisMs: known(redisMs),
          statements: known(statements),
          commits: known(commits),
        },
      ];
    }),
  );
}

function known(value: number | undefined): number {
  if (value === undefined || !Number.isFinite(value))
    throw new Error("A figure of the channels' paths in docs/performance.md is no number.");
  return value;
}

/** The page with these tables in place of those that the same program wrote there before. */
export function withTables(page: string, program: "sizing" | "growth", tables: string): string {
  const mark = `<!-- written by npm run bench -- ${program} -->`;
  const begin = page.indexOf(mark);
  const end = page.indexOf("<!-- end -->", begin);
  if (begin < 0 || end < begin) throw new Error("docs/sizing.md has no place for the tables.");
  return `${page.slice(0, begin)}${mark}\n\n${tables}\n\n${page.slice(end)}`;
}

/** The sizes as a table, what was assumed, and what stops being true. */
export function tablesOf(sizes: readonly Size[], assumed: Assumptions): string {
  const columns: readonly (readonly [title: string, of: (size: Size) => string])[] = [
    ["conversations a day", ({ perDay }) => words(perDay)],
    ["a second at the peak", ({ perSecondAtPeak }) => words(perSecondAtPeak)],
    ["web + worker + channels", ({ processes: p }) => `${p.web} + ${p.worker} + ${p.channels}`],
    ["machines", ({ machines }) => words(machines)],
    ["PostgreSQL cores", ({ databaseCores }) => words(databaseCores)],
    ["Redis cores", ({ redisCores }) => redisCores.toFixed(2)],
    ["connections", ({ connections }) => words(connections)],
    ["commits a second", ({ commitsPerSecond }) => words(commitsPerSecond)],
    ["GB a month", ({ gigabytesPerMonth }) => words(gigabytesPerMonth)],
    ["GB kept", ({ gigabytesKept }) => words(gigabytesKept)],
  ];
  const costs: typeof columns = sizes.some(({ cost }) => cost !== null)
    ? [["cost a month", ({ cost }) => words(cost ?? 0)]]
    : [];
  const shown = [...columns, ...costs];
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const limits = sizes.flatMap(({ perDay, limits: found }) =>
    found.map((limit) => `- ${words(perDay)} a day: ${limit}.`),
  );
  return [
    line(shown.map(([title]) => title)),
    line(shown.map(() => "---:")),
    ...sizes.map((size) => line(shown.map(([, of]) => of(size)))),
    "",
    `Assumed: ${assumptionWords(assumed)}.`,
    "",
    "Where it stops being true:",
    "",
    ...(limits.length === 0 ? ["- nowhere at these sizes."] : limits),
  ].join("\n");
}

function assumptionWords(assumed: Assumptions): string {
  const shares = Object.entries(assumed.shares)
    .map(([channel, share]) => `${channel} ${Math.round(share * 100)} %`)
    .join(", ");
  return [
    shares,
    `the busiest hour ${assumed.peak} times the mean`,
    `cores at most ${Math.round(assumed.busyMax * 100)} % busy in it`,
    `machines of ${assumed.coresPerMachine} cores`,
    `${words(assumed.bytesPerConversation)} bytes and ${assumed.auditPerConversation} entries of the audit a conversation`,
    `kept for ${assumed.keepDays} days`,
  ].join("; ");
}

function words(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: value < 10 ? 1 : 0 });
}
