/** `npm run check -- licences`, `npm run package -- notes VERSION` and `npm run package -- sbom`. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { licencesIn } from "./licences.ts";
import { describePackage } from "./make-package.mjs";
import { releaseNotes } from "./notes.ts";

function textOf(file: string): string {
  return readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");
}

function licences(): number {
  const { counts, problems } = licencesIn(JSON.parse(textOf("package-lock.json")));
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  if (problems.length > 0) {
    process.stderr.write(
      "These may not be shipped as they are: take another package, or allow the licence in test/release/licences.ts with a decision.\n",
    );
    return 1;
  }
  const list = [...counts].toSorted(([, one], [, other]) => other - one);
  process.stdout.write(`${list.map(([name, count]) => `${name}: ${count}`).join(", ")}\n`);
  return 0;
}

function notes(version: string | undefined): number {
  if (version === undefined) {
    process.stderr.write("Say which version: npm run -s package -- notes 0.4.0\n");
    return 1;
  }
  try {
    process.stdout.write(releaseNotes(textOf("CHANGELOG.md"), version));
    return 0;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

/** Everything that is installed with the package, in CycloneDX form, by npm's own command. */
function sbom(): number {
  const folder = mkdtempSync(join(tmpdir(), "deskhand-parts-"));
  try {
    describePackage(folder);
    const options = ["--package-lock-only", "--sbom-format=cyclonedx", "--sbom-type=application"];
    return spawnSync("npm", ["sbom", ...options], { cwd: folder, stdio: "inherit" }).status ?? 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const [task, version] = process.argv.slice(2);
if (task === "licences") process.exitCode = licences();
else process.exitCode = task === "sbom" ? sbom() : notes(version);
