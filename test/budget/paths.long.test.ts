/** The budget of a mail and of a ticket from source to answer, as counts that are the same on a fast and on a slow machine. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { mailSource } from "#test/bench/paths/mail-source.ts";
import { measurePath } from "#test/bench/paths/path.ts";
import { zendeskSource } from "#test/bench/paths/zendesk-source.ts";
import { dovecotMissing } from "#test/dovecot/server.ts";
import { postgresMissing } from "#test/support/postgres.ts";
import { startSharedServices } from "#test/support/processes.ts";
import { redisMissing } from "#test/support/redis.ts";

/** With room for what processes do once a second meanwhile. Most of these mails are asked for a code, which is mailed too. */
const PATHS = [
  { name: "mail", open: mailSource, missing: dovecotMissing, statements: 36, commits: 11 },
  { name: "zendesk", open: zendeskSource, missing: false, statements: 18, commits: 7 },
] as const;

describe("a conversation's budget by its path", { skip: postgresMissing || redisMissing }, () => {
  for (const { name, open, missing, ...limits } of PATHS)
    test(`${name} needs at most so many statements and commits`, { skip: missing }, async () => {
      const shared = await startSharedServices();
      try {
        const source = await open();
        try {
          const counts = await measurePath(source, { shared, conversations: 10, idleMs: 5_000 });
          for (const what of ["statements", "commits"] as const)
            assert.ok(counts[what] <= limits[what], `${what}: ${counts[what].toFixed(2)}`);
        } finally {
          await source.close();
        }
      } finally {
        await shared.close();
      }
    });
});
