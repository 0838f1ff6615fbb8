/** Takes the notes of one version out of the changelog. */

/** The name of a version as it stands in a heading: three numbers, perhaps with a part behind a hyphen. */
const VERSION = /^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/;

/**
 * What the changelog says below the heading of this version, without the heading. A leading `v` does not count. Throws
 * for what is no version, for one without a heading, and for one with nothing below it.
 */
export function releaseNotes(changelog: string, typed: string): string {
  const version = typed.replace(/^v/, "");
  if (!VERSION.test(version)) throw new Error(`'${typed}' is no version; one looks like 0.4.0`);
  const parts = changelog.split(/^## /m).slice(1);
  const found = parts.filter((part) => headingOf(part).split(/[ :,(]/)[0] === version);
  const [part, ...more] = found;
  if (part === undefined)
    throw new Error(
      `CHANGELOG.md has no heading for ${version}; it has ${parts.map(headingOf).join(", ")}`,
    );
  if (more.length > 0) throw new Error(`CHANGELOG.md has ${found.length} headings for ${version}`);
  const notes = part.slice(part.indexOf("\n") + 1).trim();
  if (!part.includes("\n") || notes === "")
    throw new Error(`CHANGELOG.md says nothing below ${version}`);
  return `${notes}\n`;
}

function headingOf(part: string): string {
  return part.split("\n", 1)[0]?.trim() ?? "";
}
