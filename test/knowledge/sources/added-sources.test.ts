/** Folders of help pages that a lead adds by command, and what keeps them current. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { once } from "node:events";
import { test, type TestContext } from "node:test";
import { runCommand } from "#cli/program.ts";
import { documentReader } from "#knowledge/documents/reading-thread.ts";
import { openPages } from "#knowledge/index.ts";
import { sourceTexts } from "#knowledge/sources/folder-source.ts";
import { readAgain, removeSource, dueReader } from "#knowledge/sources/read-source.ts";
import { addedSources } from "#knowledge/sources/source-rows.ts";
import { followSources } from "#knowledge/sync-sources.ts";
import { sharedDatabase, NOW } from "#test/store/bench.ts";
import { pdfOf } from "#test/knowledge/documents/samples.ts";
import { emptyStore, listeningLog, never } from "#test/knowledge/bench.ts";
import { until } from "#test/support/waiting.ts";
import { MAIN_DATABASE } from "#test/support/deskhand.ts";

const DAY_MS = 24 * 60 * 60_000;

/** A folder of help pages, and the commands over a database of their own. */
async function shelf(context: TestContext) {
  const { opened: database } = await sharedDatabase(MAIN_DATABASE);
  const folder = mkdtempSync(join(tmpdir(), "deskhand-pages-"));
  const { store } = database;
  const log = listeningLog();
  const open = () => openPages({ store, log, pages: [], embedder: null });
  const knowledge = await open();
  const time = { now: NOW };
  const clock = { now: () => time.now };
  context.after(async () => {
    await knowledge.close();
    await database.close();
    rmSync(folder, { recursive: true });
  });
  const write = (path: string, content: string | Uint8Array): void => {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), content);
  };
  const reader = { store, clock, knowledge };
  const run = async (...argv: readonly string[]): Promise<string> => {
    const { stdout, stderr } = await runCommand({ store, clock, knowledge: async () => reader }, [
      "knowledge",
      ...argv,
    ]);
    return `${stdout}${stderr}`;
  };
  const find = async (question: string) =>
    (await knowledge.search(question, 3, never)).map(({ title, url }) => `${title} ${url}`.trim());
  const sources = () => store.run(addedSources);
  return { folder, store, log, open, knowledge, time, clock, write, run, find, reader, sources };
}

test("a folder is added with one command: its pages are found at once, and each file left out has its reason", async (context) => {
  const { folder, write, run, find, sources } = await shelf(context);
  write(
    "orders/returns.md",
    "---\ntitle: Returns\nurl: https://shop.test/returns\n---\nYou have thirty days to return.\n",
  );
  write("orders/copy.md", "You have thirty days  to return.\n");
  write("lost/index.html", "<main><p>A search for a lost parcel takes ten days.</p></main>");
  write("warranty.pdf", pdfOf([["The warranty on lamps lasts two years."]]));
  write("scan.pdf", pdfOf([[]]));
  write("logo.png", "not a document");
  write(".git/notes.md", "Not for customers.");
  symlinkSync("/etc", join(folder, "elsewhere"));
  assert.equal(
    await run("add", folder, "--name", "help"),
    [
      "help: 3 pages can be cited",
      "2 pages left out:",
      "  orders/returns.md: it says the same as orders/copy.md",
      "  scan.pdf: it has no text, only pictures of it; it would have to be read by a scanner",
      "",
    ].join("\n"),
  );
  assert.equal((await find("thirty days to return"))[0], "copy");
  assert.equal((await find("search for a lost parcel"))[0], "lost");
  assert.equal((await find("warranty on lamps"))[0], "warranty");
  const [{ name, pages, left_out, read_at } = assert.fail("no source")] = await sources();
  assert.deepEqual([name, pages, left_out, read_at], ["help", 3, 2, NOW]);
  assert.match(await run("add", folder, "--name", "help"), /there is a source help already/);
});

test("what cannot be added says why and leaves nothing behind", async (context) => {
  const { folder, write, run, reader, sources } = await shelf(context);
  write("scan.pdf", pdfOf([[]]));
  assert.match(await run("add", join(folder, "nowhere")), /there is no folder or file .*nowhere/);
  assert.match(await run("add", folder, "--name", "Help Pages"), /has to be 1 to 40 small letters/);
  assert.match(
    await run("add", folder, "--name", "scans"),
    /scan\.pdf: it has no text[^]*scans was not added/,
  );
  assert.deepEqual(await sources(), []);
  await assert.rejects(removeSource(reader, "scans"), /there is no source scans/);
});

test("a changed folder is read again on its clock, by one process; a removed source is found no more", async (context) => {
  const { folder, store, log, open, knowledge, time, clock, write, run, find, reader } =
    await shelf(context);
  write("fees.md", "# Fees\n\nA return costs five dollars.\n");
  await run("add", folder, "--name", "help");
  const other = await open();
  const follow = (one: typeof knowledge) =>
    followSources({
      knowledge: one,
      sources: [],
      log,
      readDue: dueReader({ store, clock, log, knowledge: one }),
    });
  write("fees.md", "# Fees\n\nA return costs nothing since spring.\n");
  await follow(other).look();
  assert.deepEqual(
    await other
      .search("a return costs five dollars", 1, never)
      .then((found) => found.map(({ text }) => text)),
    ["## Fees\n\nA return costs five dollars."],
  );
  time.now = new Date(NOW.getTime() + DAY_MS);
  await Promise.all([follow(other).look(), follow(knowledge).look()]);
  // Either may have read it, and the one that did not learns of it at its next look.
  await Promise.all([knowledge.reload(), other.reload()]);
  for (const one of [other, knowledge])
    assert.match(
      (await one.search("a return costs nothing since spring", 1, never))[0]?.text ?? "",
      /nothing since spring/,
    );
  await removeSource(reader, "help");
  assert.deepEqual(await find("what does a return cost"), []);
  await other.reload();
  assert.deepEqual(await other.search("what does a return cost", 1, never), []);
  await other.close();
});

test("a reading that would lose more than a third of the pages waits for a yes, also when the folder is gone", async (context) => {
  const { folder, write, run, find, reader, sources } = await shelf(context);
  for (let page = 1; page <= 9; page += 1)
    write(`page-${page}.md`, `# Page ${page}\n\nHoliday number ${page} of the zebra.\n`);
  await run("add", folder, "--name", "help");
  for (let page = 1; page <= 4; page += 1) rmSync(join(folder, `page-${page}.md`));
  await assert.rejects(
    readAgain(reader, "help", false),
    /it has 5 pages now and had 9; what is gone is kept until a lead agrees/,
  );
  assert.deepEqual(await find("holiday number 1 zebra"), ["Page 1", "Page 2", "Page 3"]);
  await readAgain(reader, "help", true);
  assert.ok((await find("holiday number 5 zebra")).includes("Page 5"));
  assert.ok(!(await find("holiday number 1 zebra")).includes("Page 1"));
  rmSync(folder, { recursive: true });
  await assert.rejects(readAgain(reader, "help", false), /cannot be read: ENOENT/);
  const [kept] = await sources();
  assert.deepEqual([kept?.pages, kept?.problem.includes("cannot be read")], [5, true]);
  mkdirSync(folder);
});

test("a source that gives nothing stays as it was, and one that cannot be stored holds up no other", async (context) => {
  const { folder, write, run, find, reader, sources, store, clock, log, time, knowledge } =
    await shelf(context);
  for (const name of ["one", "two"]) {
    write(`${name}/page.md`, `# Page ${name}\n\nThe zebra of ${name}.\n`);
    await run("add", join(folder, name), "--name", name);
  }
  rmSync(join(folder, "one/page.md"));
  await assert.rejects(readAgain(reader, "one", false), /it has 0 pages now and had 1/);
  assert.ok((await find("zebra of one")).includes("Page one"));
  write("one/page.md", "# Page one\n\nThe zebra of one, again.\n");
  write("two/page.md", "# Page two\n\nThe giraffe of two.\n");
  const refusing = {
    ...knowledge,
    take: (...given: Parameters<typeof knowledge.take>) =>
      given[0] === "one" ? Promise.reject(new Error("a duplicate key")) : knowledge.take(...given),
  };
  time.now = new Date(NOW.getTime() + DAY_MS);
  await dueReader({ store, clock, log, knowledge: refusing })(never);
  assert.ok((await find("giraffe of two")).includes("Page two"));
  assert.deepEqual(
    (await sources()).map(({ name, problem }) => [name, problem.includes("cannot be stored")]),
    [
      ["one", true],
      ["two", false],
    ],
  );
});

test("a document that takes too long is named, and the thread that hangs on it is replaced", async (context) => {
  // Its part never comes, so that no machine is quick enough for it.
  const hanging = {
    path: "a.mdx",
    bytes: new TextEncoder().encode('import Part from "./part.mdx"\n\n<Part />\n'),
    part: () => new Promise<never>(() => {}),
  };
  const hurried = documentReader(1);
  context.after(() => hurried.close());
  await assert.rejects(hurried.read(hanging, never), /could not be read within 0\.001 s/);

  const reader = documentReader();
  context.after(() => reader.close());
  const stop = new AbortController();
  const stopped = { ...hanging, part: () => (stop.abort(), hanging.part()) };
  await assert.rejects(reader.read(stopped, stop.signal), { name: "AbortError" });
  const bytes = new TextEncoder().encode("fine");
  assert.equal(
    (await reader.read({ path: "b.md", bytes, part: async () => null }, never)).text,
    "fine",
  );
});

test("pages of sources that nobody connected or added are not searched", async (context) => {
  const { store, destroy } = await emptyStore(MAIN_DATABASE);
  context.after(destroy);
  const log = listeningLog();
  const knowledge = await openPages({ store, log, pages: [], embedder: null, sources: ["macros"] });
  await knowledge.take("macros", [
    { id: "1", title: "Macro", updated: "2026-03-01", text: "The zebra is free." },
  ]);
  await knowledge.close();
  const later = await openPages({ store, log, pages: [], embedder: null });
  assert.deepEqual(await later.search("zebra", 1, never), []);
  await later.close();
});

test("a process that stops gives back the source it was reading, and reads none of those behind it", async (context) => {
  const { write, folder, run, sources, store, clock, log, time, knowledge } = await shelf(context);
  write("a/page.md", "Shipping is free.");
  write("b/page.md", "Returns are free.");
  for (const name of ["a", "b"]) await run("add", join(folder, name), "--name", name);
  time.now = new Date(NOW.getTime() + 2 * DAY_MS);
  const stopping = new AbortController();
  const slow = {
    ...knowledge,
    take: async () => {
      stopping.abort(new Error("the process stops"));
      await Promise.reject(new Error("the process stops"));
    },
  };
  await assert.rejects(dueReader({ store, clock, log, knowledge: slow })(stopping.signal));
  await dueReader({ store, clock, log, knowledge })(never);
  assert.deepEqual(
    (await sources()).map(({ name, read_at }) => [name, read_at]),
    [
      ["a", time.now],
      ["b", time.now],
    ],
  );
});

test("what a source says twice is taken once, and nothing beyond a bound of all its words", () => {
  const texts = sourceTexts(1_000_000);
  const page = (id: string, length: number) => ({
    id,
    title: id,
    text: "x".repeat(length),
    updated: "",
  });
  assert.equal(texts("1", page("a", 600_000)), null);
  assert.equal(texts("1", page("b", 600_000)), "it says the same as a");
  assert.equal(texts("2", page("c", 600_000)), "it is beyond the first 1 million characters");
});

test("while a slow source is read, the connected ones are followed all the same", async () => {
  const looks = { count: 0 };
  const knowledge = {
    take: async () => void (looks.count += 1),
    reload: async () => false,
    forgetOthers: async () => undefined,
  };
  const running = followSources({
    knowledge,
    sources: [{ name: "macros", read: async () => ({ pages: [], leftOut: [] }) }],
    log: listeningLog(),
    readDue: async (signal) => void (await once(signal, "abort")),
  }).start(5);
  await until("three looks at the connected source", async () => looks.count >= 3);
  await running.stop();
});
