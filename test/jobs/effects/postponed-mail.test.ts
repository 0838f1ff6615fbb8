/** Answers by mail that a server puts off or refuses, and who hears of it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "#store/db/drizzle.ts";
import { z } from "zod";
import { DeskhandError } from "#core/values/errors.ts";
import { rowsOf } from "#store/db/database.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { replying } from "#test/jobs/turn-results.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

onDesk("a mail server that says later", (bench) => {
  const putOff = (): { readonly tries: string[]; later: boolean } => {
    const server_ = { tries: [] as string[], later: true };
    bench.answer(() => replying("Answer."));
    bench.rule({ replyAutonomy: () => "auto", quietMs: () => 0 });
    bench.faults.commit = ({ target, key }) => {
      if (target !== "email") return;
      server_.tries.push(key);
      if (server_.later)
        throw new DeskhandError(
          "channel.unavailable",
          "the mail server said later: 451 4.7.1 greylisted",
        );
    };
    return server_;
  };
  const awayFor = (hours: number): Promise<unknown> =>
    bench.parts.store.run((transaction) =>
      rowsOf(
        transaction,
        z.object({ key: z.string() }),
        sql`update effect set away_since = away_since - ${hours} * interval '1 hour', away_count = 12 where operation = 'reply' returning key`,
      ),
    );

  test("is asked again under the same key for a day, less and less often, and the answer goes out once", async () => {
    const mail = putOff();
    const id = await bench.write("Where is my order?");
    for (let round = 0; round < 4; round += 1) {
      bench.skip(MINUTE);
      await bench.tick();
    }
    await awayFor(23);
    bench.skip(MINUTE);
    await bench.tick();
    const tries = mail.tries.length;
    bench.skip(10 * MINUTE);
    await bench.tick();
    assert.equal(mail.tries.length, tries, "a quarter of an hour lies between two tries by then");
    mail.later = false;
    bench.skip(6 * MINUTE);
    await bench.tick();
    assert.equal(bench.replies().length, 1);
    assert.equal(new Set(mail.tries).size, 1);
    assert.match(await bench.outcome(id), /^answered/);
  });

  test("for more than a day leaves it to a person, who reads the server's message", async () => {
    const mail = putOff();
    const id = await bench.write("Where is my order?");
    await awayFor(25);
    bench.skip(MINUTE);
    await bench.tick();
    bench.skip(HOUR);
    await bench.tick();
    assert.equal(mail.tries.length, 2);
    assert.equal(bench.replies().length, 0);
    assert.match(await bench.outcome(id), /^escalated: .*451 4\.7\.1 greylisted/);
    assert.ok(bench.alerts().some(({ text }) => /451 4\.7\.1 greylisted/.test(text)));
  });

  test("a server that says no is not asked again, and a person reads why", async () => {
    const tries: string[] = [];
    bench.answer(() => replying("Answer."));
    bench.rule({ replyAutonomy: () => "auto", quietMs: () => 0 });
    bench.faults.commit = ({ target, key }) => {
      if (target !== "email") return;
      tries.push(key);
      throw new DeskhandError("channel.refused", "the mail server refused: 550 5.1.1 no such user");
    };
    const id = await bench.write("Where is my order?");
    bench.skip(HOUR);
    await bench.tick();
    assert.equal(tries.length, 1);
    assert.match(await bench.outcome(id), /^escalated: .*550 5\.1\.1 no such user/);
    assert.ok(bench.alerts().some(({ text }) => /550 5\.1\.1 no such user/.test(text)));
  });
});
