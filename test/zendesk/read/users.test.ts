/** People who are known stay known in the very read that empties the cache of them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { readUsers, type TicketReading } from "#zendesk/read/ticket-reader.ts";

type Known = Parameters<typeof readUsers>[0]["users"];
type Client = TicketReading["client"];

test("a full cache is emptied without losing who was asked for", async () => {
  const users: Known = new Map();
  for (let id = 1; id <= 5_001; id += 1)
    users.set(id, {
      user: { id, name: `Agent ${id}`, role: "agent" },
      until: performance.now() + 3_600_000,
    });
  const nobody = () => assert.fail("nobody has to be asked for");
  const calls = {
    get: nobody,
    find: nobody,
    list: nobody,
    pages: nobody,
    upload: nobody,
    write: nobody,
  };
  const client: Client = { ...calls, longWait: calls, noWait: calls, serverTime: () => 0 };
  const found = await readUsers({ client, users }, [7], AbortSignal.timeout(60_000));
  assert.equal(found.get(7)?.name, "Agent 7");
});
