/** Builds the site of docs/ with VitePress, whose packages are installed apart from Deskhand's own, by this command alone. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { installPackages } from "#test/support/installed-packages.ts";
import { ROOT } from "./made-pages.ts";

/** Where VitePress's package.json and configuration are, and where the site is built: `dist` in it. */
export const SITE = join(ROOT, "docs/.site");

/** How the site is reached, and where the repository is; null where that is not known. */
interface SiteOptions {
  /** The path below which the site will lie, such as `/deskhand/`. */
  readonly base: string;
  /** An address such as `https://github.com/OWNER/NAME`. */
  readonly repository: string | null;
}

/** Builds the site; gives the exit code of VitePress, which is not 0 when a link of a page leads nowhere. */
export function buildSite({ base, repository }: SiteOptions): number {
  installPackages(SITE, "the site: about 100 MB");
  const program = join(SITE, "node_modules/vitepress/bin/vitepress.js");
  const { status } = spawnSync(process.execPath, [program, "build", ".", "--base", base], {
    cwd: SITE,
    stdio: "inherit",
    env: { ...process.env, ...(repository !== null && { DOCS_REPOSITORY: repository }) },
  });
  return status ?? 1;
}
