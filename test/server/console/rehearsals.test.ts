/** The console's pages about rehearsals: what they say, who sees them, and what leads decide. */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import type { RehearsedTicket } from "#core/values/rehearsal.ts";
import { setRehearsal } from "#store/rehearsal/rehearsals.ts";
import { post, suitePages } from "#test/server/pages-bench.ts";
import { addRehearsal } from "./rehearsal-seed.ts";

const UNTIL = new Date("2026-03-02T09:00:00Z");
const ID = "reh_1";
const COUNT = 80;

describe("rehearsals in the console", () => {
  const bench = suitePages({
    sandbox: true,
    rehearsals: {
      source: "40 solved tickets",
      progress: () => state.progress,
      start: () => void (state.started += 1),
    },
  });
  let lea = "";
  let played: readonly RehearsedTicket[] = [];
  const state = { started: 0, progress: "" };
  before(async () => {
    played = await addRehearsal(bench.store, { id: ID, until: UNTIL, count: COUNT });
    lea = await bench.session("lea@ourshop.test");
  });

  const wrong = (): RehearsedTicket => {
    const found = played.find(({ comparison }) => comparison.wrongActions.length > 0);
    assert.ok(found);
    return found;
  };
  const press = (what: string, body: unknown, cookie = lea): Promise<Response> =>
    post(`${bench.url}/console/rehearsals/${ID}/${what}`, body, { cookie });

  test("support sees neither rehearsals nor their tickets, and can judge none", async () => {
    const sam = await bench.session("sam@ourshop.test");
    const { id } = wrong().ticket;
    for (const path of ["", `/${ID}`, `/${ID}/ticket?id=${id}`]) {
      const page = await bench.page(`/rehearsals${path}`, sam);
      assert.match(page, /leads alone see them/);
      assert.doesNotMatch(page, /at risk|solved ticket/);
    }
    assert.doesNotMatch(await bench.page("/", sam), /console\/rehearsals/);
    assert.equal((await press("verdict", { ticket: id, right: "draft" }, sam)).status, 403);
    assert.equal((await press("keep", { ticket: id }, sam)).status, 403);
    await bench.page("/rehearsals/none", lea, 404);
  });

  test("a lead starts one, and sees how far it is", async () => {
    assert.match(
      await bench.page("/rehearsals", lea),
      /Start a rehearsal[^]*With 40 solved tickets/,
    );
    const start = (cookie: string): Promise<Response> =>
      post(`${bench.url}/console/rehearsals/start`, {}, { cookie });
    const sam = await bench.session("sam@ourshop.test");
    assert.deepEqual([(await start(sam)).status, state.started], [403, 0]);
    assert.deepEqual([(await start(lea)).status, state.started], [200, 1]);
    state.progress = "3 of 40 played";
    await addRehearsal(bench.store, { id: "reh_2", until: UNTIL, count: 12 });
    const running = { state: "running", endedAt: null, summary: null } as const;
    await bench.store.run(setRehearsal, "reh_2", running);
    const part = await bench.page("/part/rehearsals", lea);
    assert.match(part, /3 of 40 played[^]*12 of 12 played[^]*still running/);
    assert.doesNotMatch(part, /80 of 80 played/);
    await bench.page("/part/rehearsals", sam, 403);
  });
});
