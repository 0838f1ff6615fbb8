/** `node make-embedded.ts FOLDER`: makes the embedded databases that the tests of a run begin with. */
import { makeEmbedded } from "./embedded.ts";

const [folder = ""] = process.argv.slice(2);
if (folder === "") throw new Error("Where? Usage: node test/support/make-embedded.ts FOLDER");
await makeEmbedded(folder);
