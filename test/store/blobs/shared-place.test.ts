/** Several processes and the folder for mails: whether all of them see the same one, and what a lost mail means. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, test } from "node:test";
import { DeskhandError } from "#core/values/errors.ts";
import { sharedPlace, sharedBlobs, forgetPlace, diskBlobs } from "#store/blobs/shared-place.ts";
import { onEveryDatabase } from "#test/store/bench.ts";

onEveryDatabase("the folder for mails", (bench) => {
  const folders: string[] = [];
  const folder = (): string => {
    const made = mkdtempSync(join(tmpdir(), "deskhand-folder-"));
    folders.push(made);
    return made;
  };
  afterEach(async () => {
    for (const made of folders.splice(0)) rmSync(made, { recursive: true, force: true });
    await bench.run(forgetPlace);
  });
  const started = async (path: string) => {
    const opened = sharedPlace(bench, diskBlobs(path));
    await opened.begin();
    return opened;
  };
  const readOf = (path: string) =>
    sharedBlobs(diskBlobs(path), sharedPlace(bench, diskBlobs(path)));

  test("is one for all processes that see it, also when they begin at the same moment", async () => {
    const shared = folder();
    const all = await Promise.all([started(shared), started(shared), started(shared)]);
    assert.deepEqual(await Promise.all(all.map((one) => one.problem())), [null, null, null]);
    assert.equal(await (await started(shared)).problem(), null, "after a restart too");
  });

  test("is told from another one, empty or of another installation, with what to do", async () => {
    const [first, second] = [folder(), folder()];
    await started(first);
    const problem = await (await started(second)).problem();
    assert.match(problem ?? "", /DESKHAND_BLOBS has to name one folder/);
    const id = /put (\S+) into (\S+)$/.exec(problem ?? "");
    writeFileSync(id?.[2] ?? "", `${id?.[1]}\n`);
    assert.equal(await sharedPlace(bench, diskBlobs(second)).problem(), null);
  });

  test("a look gives no id: what is typed in a shell decides nothing", async () => {
    const [typed, real] = [folder(), folder()];
    assert.equal(await sharedPlace(bench, diskBlobs(typed)).problem(), null);
    assert.equal(await (await started(real)).problem(), null);
    assert.notEqual(await sharedPlace(bench, diskBlobs(typed)).problem(), null);
  });

  test("a mail that is not in a folder that is not the right one is tried again; in the right one it is lost", async () => {
    const [right, wrong] = [folder(), folder()];
    await started(right);
    const ref = await diskBlobs(right).put(new TextEncoder().encode("a mail"));
    const isElsewhere = (error: unknown): boolean =>
      error instanceof DeskhandError && error.code === "store.unavailable" && error.retry;
    const reading = async (path: string): Promise<string> => {
      let text = "";
      for await (const piece of readOf(path).open(ref)) text += Buffer.from(piece).toString();
      return text;
    };
    assert.equal(await reading(right), "a mail");
    await assert.rejects(reading(wrong), isElsewhere);
    await assert.rejects(readOf(wrong).get(ref), isElsewhere);
    await diskBlobs(right).remove(ref);
    await assert.rejects(reading(right), { code: "ENOENT" });
  });
});
