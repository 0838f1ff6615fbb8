import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import type { Connection } from "#systems/contract.ts";
import type { SystemClient } from "#systems/http/client.ts";
import type { StandIn } from "#test/systems/stand-in.ts";
import { clientUnderTest, failsWith } from "./client-under-test.ts";

const CUSTOMER: NonNullable<Connection["customer"]> = {
  request: {
    method: "GET",
    path: "/customers",
    query: { email: { from: "requester", is: "email" } },
  },
  records: "data",
  id: "id",
  email: "contact.email",
};

const ANN = { id: 7, contact: { email: "Ann@Customer.test" } };
const BEN = { id: "c_8", contact: { email: "ben@customer.test" } };

const ADDRESS = "ann@customer.TEST";

/** The signal of a turn of its own. */
const turn = (): AbortSignal => new AbortController().signal;

async function finder(
  context: TestContext,
  records: readonly unknown[],
): Promise<{ find: SystemClient["customerId"]; standIn: StandIn }> {
  const { client, standIn } = await clientUnderTest(context, {
    connection: { customer: CUSTOMER },
  });
  standIn.answerWith(() => ({ status: 200, body: { data: records } }));
  return { find: async (verified, signal) => await client.customerId(verified, signal), standIn };
}

describe("finding the requester in a system", () => {
  test("the one record with the verified address is theirs, whatever the case of its letters", async (context) => {
    const { find, standIn } = await finder(context, [BEN, ANN]);
    assert.equal(await find(ADDRESS, turn()), "7");
    assert.equal(await find("ben@customer.test", turn()), "c_8");
    assert.equal(standIn.arrivals[0]?.query.get("email"), "ann@customer.TEST");
  });

  test("none, several, another one's and unreadable records give no id", async (context) => {
    const cases: readonly (readonly unknown[])[] = [
      [],
      [BEN],
      [ANN, { ...ANN, id: 9 }],
      [{ id: 7 }],
      [{ ...ANN, id: null }],
      [{ ...ANN, id: { admin: true } }],
      [{ ...ANN, contact: { email: "ann@customer.test.evil" } }],
      [null, "ann@customer.test"],
    ];
    for (const records of cases) {
      const { find } = await finder(context, records);
      assert.equal(await find(ADDRESS, turn()), null, JSON.stringify(records));
    }
    // The sign for kelvin becomes a k in lower case.
    const { find } = await finder(context, [{ id: 1, contact: { email: "mark@customer.test" } }]);
    assert.equal(await find("mar\u212a@customer.test", turn()), null);
  });

  test("a requester who is not verified has no id, with the same calls as one who has no record", async (context) => {
    const { find, standIn } = await finder(context, [ANN]);
    const now = turn();
    assert.equal(await find(null, now), null);
    assert.equal(await find(null, now), null);
    assert.equal(standIn.arrivals.length, 1);
    assert.equal(standIn.arrivals[0]?.query.get("email"), "absent@requester.invalid");
    assert.equal(await find("cleo@customer.test", now), null);
    assert.equal(standIn.arrivals.length, 2);
    // Not even a record of that address is theirs.
    standIn.answerWith(({ query }) => ({
      status: 200,
      body: { data: [{ id: 1, contact: { email: query.get("email") } }] },
    }));
    assert.equal(await find(null, turn()), null);
  });

  test("a turn asks once, also at the same moment, and the next turn asks again", async (context) => {
    const { find, standIn } = await finder(context, [ANN]);
    const now = turn();
    assert.deepEqual(await Promise.all([find(ADDRESS, now), find(ADDRESS, now)]), ["7", "7"]);
    await find(ADDRESS, now);
    assert.equal(standIn.arrivals.length, 1);
    await find(ADDRESS, turn());
    assert.equal(standIn.arrivals.length, 2);
  });

  test("a system that cannot be asked is an error, and the next tool of the turn asks again", async (context) => {
    const { find, standIn } = await finder(context, [ANN]);
    const now = turn();
    standIn.fail({ kind: "html" });
    await assert.rejects(find(ADDRESS, now), failsWith("system.unavailable"));
    assert.equal(await find(ADDRESS, now), "7");
  });
});
