/** The figures in README that come from the page of the benchmark, so that the two cannot differ. */
const BEGIN = "<!-- figures of the benchmark, put here by `npm run docs` -->";
const END = "<!-- end of figures -->";

/** Rows of the page's first table, and how README says them. */
const ROWS = [
  {
    row: "conversations a second (two workers, 16 at once)",
    sentence: (value: string) => `${value} conversations a second with two workers, 16 at once`,
  },
  {
    row: "median time to answer, 16 at once",
    sentence: (value: string) => `${value} from question to answer, 16 at once, median`,
  },
] as const;

/** README with the figures of `performance`, the text of docs/performance.md. Throws where either lacks its place. */
export function readmeWithFigures(readme: string, performance: string): string {
  const [before, after] = [readme.indexOf(BEGIN), readme.indexOf(END)];
  if (before < 0 || after < before) throw new Error(`README.md has no ${BEGIN} … ${END}`);
  const lines = ROWS.map(
    ({ row, sentence }) => `- ${sentence(figure(performance, row))} (\`npm run bench\`)`,
  );
  return `${readme.slice(0, before)}${BEGIN}\n${lines.join("\n")}\n${readme.slice(after)}`;
}

/** The value "now" in the row of that name. */
function figure(page: string, name: string): string {
  const row = page.split("\n").find((line) => line.startsWith(`| ${name} |`));
  const value = row?.split("|")[3]?.trim();
  if (value === undefined) throw new Error(`docs/performance.md has no row "${name}"`);
  return value;
}
