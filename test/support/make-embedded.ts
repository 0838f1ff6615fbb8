/** `node make-embedded.ts FOLDER`: makes the embedded databases and the mail keys that the tests of a run begin with. */
import { join } from "node:path";
import { startSandboxMail } from "#sandbox/mail/index.ts";
import { makeEmbedded } from "./embedded.ts";

const [folder = ""] = process.argv.slice(2);
if (folder === "") throw new Error("Where? Usage: node test/support/make-embedded.ts FOLDER");
await makeEmbedded(folder);
// A first start makes the keys.
const mail = await startSandboxMail({ directory: join(folder, "mail"), now: () => new Date() });
await mail.close();
