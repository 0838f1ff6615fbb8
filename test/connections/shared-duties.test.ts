/** Several processes on one PostgreSQL share what is read in turn; what a process reads too late is refused. */
import assert from "node:assert/strict";
import { after, before, describe, test, type TestContext } from "node:test";
import type { Channel } from "#core/contracts/channel.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { SharedDuties } from "#connections/shared-duties.ts";
import { intake } from "#jobs/intake.ts";
import type { Store } from "#store/db/database.ts";
import { freeDuties, takeDuties, unheldDuties } from "#store/db/duty-leases.ts";
import { storedCursors } from "#store/db/settings.ts";
import { benchOn } from "#test/jobs/bench.ts";
import { hintOf, migratedDatabase, type OpenedStore, silentLog } from "#test/store/bench.ts";
import { postgresMissing } from "#test/support/postgres.ts";
import { PATIENCE_MS } from "#test/support/waiting.ts";
import type { DutyLease } from "#core/contracts/ports.ts";

const TIMES = { leaseMs: 600, lookMs: 100, restMs: 300 };
const WAIT = { timeout: PATIENCE_MS };

describe("duties of several processes", { skip: postgresMissing }, () => {
  const opened: { store?: OpenedStore } = {};
  const store = (): OpenedStore => opened.store ?? assert.fail("no database");
  const { bench } = benchOn(store, "postgres");
  before(async () => {
    opened.store = await migratedDatabase("postgres");
  });
  after(() => opened.store?.close());

  /** Who reads what at this moment, and whether two ever read the same. */
  const reading = new Map<string, string>();
  const isFenced = (error: unknown) =>
    error instanceof DeskhandError && error.code === "store.fenced";

  /** A process of its own: its statements can be held back, as if its event loop stood still. */
  function processOf(context: TestContext, holder: string) {
    const gate: { closed: Promise<void> | null } = { closed: null };
    const own: Store = {
      ...bench.parts.store,
      run: async (work, ...given) => {
        await gate.closed;
        return bench.parts.store.run(work, ...given);
      },
    };
    const duties = new SharedDuties({ store: own, log: silentLog, holder, times: TIMES });
    const leases = new Map<string, DutyLease>();
    context.after(() => duties.close());
    return {
      duties,
      leases,
      mine: () => [...reading].flatMap(([name, by]) => (by === holder ? [name] : [])),
      block() {
        const { promise, resolve } = Promise.withResolvers<void>();
        gate.closed = promise;
        return () => {
          gate.closed = null;
          resolve();
        };
      },
      hold: (names: readonly string[]) =>
        Promise.all(
          names.map((name) =>
            duties.hold({ kind: "inbox", name }, (lease) => {
              assert.equal(reading.get(name), undefined, `two read ${name} at once`);
              reading.set(name, holder);
              if (lease !== null) leases.set(name, lease);
              return {
                ready: Promise.resolve(),
                stop: async () => {
                  leases.delete(name);
                  if (reading.get(name) === holder) reading.delete(name);
                },
              };
            }),
          ),
        ),
    };
  }

  test("one process holds all at once, and a second takes over what it leaves", async (context) => {
    const inboxes = ["a@x.example", "b@x.example", "c@x.example", "d@x.example"];
    const first = processOf(context, "first");
    await first.hold(inboxes);
    assert.equal(first.mine().length, 4);
    const second = processOf(context, "second");
    await second.hold(inboxes);

    first.duties.leave();
    await first.duties.close();
    await context.waitFor(() => assert.equal(second.mine().length, 4), WAIT);
    assert.deepEqual(
      await freeDuties(bench.parts.store, [
        { kind: "inbox", name: "a@x.example" },
        { kind: "inbox", name: "z@x.example" },
      ]),
      ["inbox:z@x.example"],
    );
    await second.duties.close();
    assert.equal(reading.size, 0);
  });

  test("a process that stood still loses its duty before it can act", async (context) => {
    const still = processOf(context, "still");
    await still.hold(["support@x.example"]);
    const lease = still.leases.get("support@x.example") ?? assert.fail("not held");
    const goOn = still.block();
    // Its reader is still under way in there, so the other one's begins beside it.
    reading.clear();
    const other = processOf(context, "other");
    await other.hold(["support@x.example"]);
    await context.waitFor(() => assert.deepEqual(other.mine(), ["support@x.example"]), WAIT);

    const email = bench.parts.channels.get("email") ?? assert.fail("no channel");
    const deliver = (under: DutyLease, keepBody: boolean) => {
      const hint = { ...hintOf(`late ${keepBody}`, ["late"]), keepBody };
      const channel: Channel = { ...email, receive: () => [hint] };
      const delivery = {
        source: "imap",
        headers: {},
        body: new Uint8Array([1]),
        receivedAt: bench.now(),
        lease: under,
      };
      return intake(bench.parts, channel, delivery);
    };
    const cursors = storedCursors(bench.parts.store);
    await assert.rejects(deliver(lease, false), isFenced);
    await assert.rejects(deliver(lease, true), isFenced);
    await assert.rejects(cursors.write("position", "late", lease), isFenced);
    assert.equal(await cursors.read("position"), null);

    const now = other.leases.get("support@x.example") ?? assert.fail("not held");
    assert.ok(now.generation > lease.generation);
    assert.equal((await deliver(now, false)).isNew, true);
    assert.equal((await deliver(now, true)).isNew, true);
    await cursors.write("position", "new", now);
    assert.equal(await cursors.read("position"), "new");

    goOn();
    await context.waitFor(() => assert.equal(still.leases.size, 0), WAIT);
    await Promise.all([still.duties.close(), other.duties.close()]);
  });

  test("a process started again in the same folder waits for no lease of the one before, and refuses what that one read", async () => {
    const names = ["inbox:again@x.example"];
    const take = (holder: string, forMs: number) =>
      takeDuties(bench.parts.store, { holder, forMs, names });
    const [before_] = await take("folder", 60_000);
    assert.deepEqual(await take("stranger", 60_000), []);
    const [now] = await take("folder", 60_000);
    assert.ok(before_ !== undefined && now !== undefined && now.generation > before_.generation);
    const cursors = storedCursors(bench.parts.store);
    await assert.rejects(cursors.write("again", "late", before_), isFenced);
  });

  test("a duty waits from the end of its last lease, or from the first look where no process ever held it", async (context) => {
    const duties = [
      { kind: "inbox", name: "left@x.example" },
      { kind: "inbox", name: "never@x.example" },
    ] as const;
    const waiting = async () =>
      (await unheldDuties(bench.parts.store, duties)).map(({ name }) => name);
    const only = processOf(context, "only");
    await only.hold(["left@x.example"]);
    assert.deepEqual(await waiting(), [], "the first look is where it begins to wait");
    assert.deepEqual(await waiting(), ["inbox:never@x.example"]);
    await only.duties.close();
    assert.deepEqual(await waiting(), ["inbox:never@x.example", "inbox:left@x.example"]);
    const next = processOf(context, "next");
    await next.hold(["never@x.example"]);
    assert.deepEqual(await waiting(), ["inbox:left@x.example"]);
    await next.duties.close();
  });

  test("a duty that cannot be carried out here is left to another process", async (context) => {
    const duty = { kind: "socket", name: "slack" } as const;
    const works = processOf(context, "works");
    const fails = processOf(context, "fails");
    const begin = { calls: 0 };
    const failing = () => {
      begin.calls += 1;
      return { ready: Promise.reject(new Error("no way out")), stop: async () => undefined };
    };
    await assert.rejects(fails.duties.hold(duty, failing), /no way out/);
    const holding = await works.duties.hold(duty, () => ({
      ready: Promise.resolve(),
      stop: async () => undefined,
    }));
    await fails.duties.hold(duty, failing);
    assert.equal(begin.calls, 1);
    await holding.stop();
    await context.waitFor(() => assert.equal(begin.calls, 2), WAIT);
    await fails.duties.close();
  });
});
