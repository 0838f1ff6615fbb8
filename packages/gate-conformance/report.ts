/** What a run found, as a table, as lines for each failure, as Markdown, as JSON and as a picture. */
import {
  CASES,
  type CaseResult,
  type ScriptResult,
  type SystemResult,
} from "#conformance/judge.ts";

/** A run: when it was, and what came of each system. */
export interface Report {
  readonly date: string;
  readonly systems: readonly SystemResult[];
}

/** A script that came to this, with the case and the system it was played for. */
interface Ended<State extends ScriptResult["state"]> {
  readonly system: SystemResult;
  readonly one: CaseResult;
  readonly script: Extract<ScriptResult, { state: State }>;
}

/** One word for a cell; with fewer scripts than there are, how many were played. */
function caseCell({ state, scripts }: CaseResult): string {
  const words = { held: "held", failed: "FAILED", "not offered": "–", "not judged": "?" }[state];
  const played = scripts.filter((script) => script.state !== "not offered").length;
  return state === "held" && played < scripts.length
    ? `${words} ${played}/${scripts.length}`
    : words;
}

/** How many cases ended in which way, in a line. */
export function verdictCounts({ cases }: SystemResult): string {
  const count = (state: CaseResult["state"]): number =>
    cases.filter((one) => one.state === state).length;
  const unjudged = count("not judged");
  return [
    `held ${count("held")}`,
    `failed ${count("failed")}`,
    `not offered ${count("not offered")}`,
    ...(unjudged === 0 ? [] : [`not judged ${unjudged}`]),
  ].join(" · ");
}

/** All scripts that came to this, in the order of the systems and cases. */
function endedAs<State extends ScriptResult["state"]>(
  { systems }: Report,
  state: State,
): readonly Ended<State>[] {
  const isSo = (script: ScriptResult): script is Ended<State>["script"] => script.state === state;
  return systems.flatMap((system) =>
    system.cases.flatMap((one) =>
      one.scripts.filter(isSo).map((script) => ({ system, one, script })),
    ),
  );
}

/** The cases of a run as rows: number, level, title, and a cell for each system. */
function caseRows({ systems }: Report): readonly (readonly string[])[] {
  return CASES.flatMap(({ id, level, title }) => {
    const cells = systems.map(({ cases }) => cases.find((one) => one.id === id));
    if (cells.every((cell) => cell === undefined)) return [];
    return [[id, level, title, ...cells.map((cell) => (cell === undefined ? "" : caseCell(cell)))]];
  });
}

/** The table, who is in it, and the shortest script of every failure. */
export function reportText(report: Report): string {
  const head = ["case", "level", "", ...report.systems.map((_, index) => String(index + 1))];
  const rows = [head, ...caseRows(report)];
  const widths = head.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const table = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  const legend = report.systems.map(
    (system, index) =>
      `${index + 1}  ${systemName(system)}: ${verdictCounts(system)} (${timeTaken(system)})`,
  );
  const failures = endedAs(report, "failed").map(({ system, one, script }) =>
    [
      `${one.id} ${one.title}: ${script.script}`,
      `  ${systemName(system)}`,
      ...script.calls.map((call) => `    ${call}`),
      `  ${script.because}`,
    ].join("\n"),
  );
  const unjudged = endedAs(report, "not judged").map(
    ({ system, one, script }) =>
      `${one.id} is not judged for ${systemName(system)}: ${script.script}: ${script.because}`,
  );
  const parts = [table.join("\n"), legend.join("\n"), ...failures, ...unjudged];
  return `${report.date}\n\n${parts.join("\n\n")}\n`;
}

/** How long it took, and how much of that was work. */
export function timeTaken({ seconds, processorSeconds }: SystemResult): string {
  return `${seconds} s, ${processorSeconds} s of processor time`;
}

/** System, version and settings in a line. */
export function systemName({ system, version, settings }: SystemResult): string {
  return `${system} ${version}, ${settings}`;
}

/** The systems with their counts, and each failure, as Markdown. */
export function systemsMarkdown(report: Report): string {
  const legend = report.systems.map((system, index) => [
    String(index + 1),
    `${system.system} ${system.version}`,
    system.settings,
    verdictCounts(system),
    system.pages.map((page, at) => `[${at + 1}](${page})`).join(" "),
  ]);
  const failures = endedAs(report, "failed").map(
    ({ system, one, script }) =>
      `- ${one.id}, ${system.system}, ${system.settings.split(":")[0]}: ${script.script}. ${calledIn(script)}`,
  );
  return [
    ...markdownTable(["", "system", "settings", "cases", "its pages"], legend),
    "",
    ...(failures.length === 0 ? ["No case failed."] : failures),
  ].join("\n");
}

/** Each case with its verdict on each system, which has its number among the systems. */
export function casesMarkdown(report: Report): string {
  const head = ["case", "level", "what", ...report.systems.map((_, index) => String(index + 1))];
  return markdownTable(head, caseRows(report)).join("\n");
}

function markdownTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): readonly string[] {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);
}

/** The names of the calls, and what the outside saw in the end; the whole of it is in the text. */
function calledIn({ calls }: Ended<"failed">["script"]): string {
  const names = calls.slice(0, -1).map((call) => call.split(" ")[0]);
  return `\`${names.join(", ")}\`: \`${calls.at(-1) ?? ""}\``;
}

/** All of it, for a program. */
export function reportJson(report: Report): string {
  return `${JSON.stringify(report, null, 1)}\n`;
}

// A run as one picture: a row for each case, a column for each system, told apart by letter as well as by colour.

const ROW = 20;
const COLUMN = 64;
const LEFT = 330;

const LOOKS: Readonly<Record<CaseResult["state"], readonly [colour: string, letter: string]>> = {
  held: ["#1a7f37", "✓"],
  failed: ["#cf222e", "✗"],
  "not offered": ["#d0d7de", "–"],
  "not judged": ["#bf8700", "?"],
};

/** The picture as SVG, with a description for those who do not see it. */
export function reportPicture(report: Report): string {
  const { systems, date } = report;
  const rows = caseRows(report);
  const top = 60;
  const legend = systems.length * ROW + 16;
  const height = top + rows.length * ROW + legend;
  const width = Math.max(LEFT + systems.length * COLUMN + 12, 900);
  const told = systems.map(
    (system) => `${system.system} ${system.version}: ${verdictCounts(system)}`,
  );
  const body = rows.flatMap(([id = "", level = "", title = ""], index) => {
    const y = top + index * ROW;
    const cells = systems.map(({ cases }, column) => {
      const found = cases.find((one) => one.id === id);
      return found === undefined ? "" : cell(LEFT + column * COLUMN, y, found.state);
    });
    return [text(8, y + 14, `${id} ${level} ${title}`), ...cells];
  });
  const heads = systems.map((_, column) =>
    text(LEFT + column * COLUMN + COLUMN / 2 - 6, top - 8, String(column + 1)),
  );
  const lines = systems.map((system, index) =>
    text(
      8,
      top + rows.length * ROW + 20 + index * ROW,
      `${index + 1}  ${told[index] ?? ""} · ${system.settings}`,
    ),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" font-family="system-ui, sans-serif" font-size="12">`,
    `<title>${escaped(`Approval gates by 35 cases, ${date}`)}</title>`,
    `<desc>${escaped(told.join(". "))}</desc>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    text(8, 24, `Approval gates by 35 cases, ${date}: ✓ held · ✗ failed · – not offered`),
    ...heads,
    ...body,
    ...lines,
    "</svg>\n",
  ].join("\n");
}

function cell(x: number, y: number, state: CaseResult["state"]): string {
  const [colour, letter] = LOOKS[state];
  const ink = state === "not offered" ? "#1f2328" : "#ffffff";
  return `<rect x="${x + 2}" y="${y + 1}" width="${COLUMN - 4}" height="${ROW - 2}" fill="${colour}"/>${text(x + COLUMN / 2 - 5, y + 14, letter, ink)}`;
}

function text(x: number, y: number, words: string, ink = "#1f2328"): string {
  return `<text x="${x}" y="${y}" fill="${ink}">${escaped(words)}</text>`;
}

function escaped(words: string): string {
  return words.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
