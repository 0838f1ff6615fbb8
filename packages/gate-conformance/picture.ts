/** A run as one picture: a row for each case, a column for each system, told apart by letter as well as by colour. */
import type { CaseResult } from "#conformance/judge.ts";
import { verdictCounts, caseRows, type Report } from "#conformance/report.ts";

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
