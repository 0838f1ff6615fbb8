/** A folder of a test's own, removed with it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Makes one that is empty, below the machine's temporary folder. `context` is a test's, or what ends in another way. */
export function temporaryFolder(
  context: { after(close: () => void): unknown },
  prefix = "deskhand-test-",
): string {
  const folder = mkdtempSync(join(tmpdir(), prefix));
  context.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}
