import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import type { ToolContext } from "#core/contracts/tool.ts";
import type { Connection } from "#systems/contract.ts";
import { customerFinder } from "#systems/http/find-customer.ts";
import type { StandIn } from "#test/systems/stand-in.ts";
import { clientUnderTest, failsWith, signal } from "./client-under-test.ts";

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

function turn(
  given: Partial<ToolContext["requester"]> & Pick<Partial<ToolContext>, "audience"> = {},
): ToolContext {
  const { audience = "private", ...requester } = given;
  return {
    conversationId: "chat:1",
    requester: {
      level: 2,
      customerId: "u1",
      emailOnFile: "ann@customer.TEST",
      name: null,
      reason: "signed",
      ...requester,
    },
    audience,
    answers: [],
    asked: "",
    ownWords: "",
    claimedAddress: null,
    subject: "",
    openMatters: async () => [],
    signal,
  };
}

async function finder(
  context: TestContext,
  records: readonly unknown[],
): Promise<{ find: ReturnType<typeof customerFinder>; standIn: StandIn }> {
  const { client, standIn } = await clientUnderTest(context, {
    connection: { customer: CUSTOMER },
  });
  standIn.answerWith(() => ({ status: 200, body: { data: records } }));
  return { find: customerFinder(client), standIn };
}

describe("finding the requester in a system", () => {
  test("the one record with the verified address is theirs, whatever the case of its letters", async (context) => {
    const { find, standIn } = await finder(context, [BEN, ANN]);
    assert.equal(await find(turn()), "7");
    assert.equal(await find(turn({ emailOnFile: "ben@customer.test" })), "c_8");
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
      assert.equal(await find(turn()), null, JSON.stringify(records));
    }
    // The sign for kelvin becomes a k in lower case.
    const { find } = await finder(context, [{ id: 1, contact: { email: "mark@customer.test" } }]);
    assert.equal(await find(turn({ emailOnFile: "mar\u212a@customer.test" })), null);
  });

  test("a requester who is not verified has no id, with the same calls as one who has no record", async (context) => {
    const { find, standIn } = await finder(context, [ANN]);
    const unverified = turn({ level: 1 });
    for (const who of [
      unverified,
      turn({ level: 0, emailOnFile: null }),
      turn({ audience: "shared" }),
    ])
      assert.equal(await find(who), null);
    assert.equal(await find(unverified), null);
    assert.deepEqual(
      standIn.arrivals.map(({ path, query }) => `${path} ${query.get("email")}`),
      Array(3).fill("/customers absent@requester.invalid"),
    );
    await find(turn({ emailOnFile: "cleo@customer.test" }));
    assert.equal(standIn.arrivals.length, 4);
  });

  test("a turn asks once, also at the same moment, and the next turn asks again", async (context) => {
    const { find, standIn } = await finder(context, [ANN]);
    const now = turn();
    assert.deepEqual(await Promise.all([find(now), find(now)]), ["7", "7"]);
    await find(now);
    assert.equal(standIn.arrivals.length, 1);
    await find(turn());
    assert.equal(standIn.arrivals.length, 2);
  });

  test("a system that cannot be asked is an error, and the next tool of the turn asks again", async (context) => {
    const { find, standIn } = await finder(context, [ANN]);
    const now = turn();
    standIn.fail({ kind: "html" });
    await assert.rejects(find(now), failsWith("system.unavailable"));
    assert.equal(await find(now), "7");
  });
});
