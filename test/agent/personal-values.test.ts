import assert from "node:assert/strict";
import { test } from "node:test";
import { withoutPersonal } from "#agent/look-up.ts";

test("personal values are named and not shown, however deep they stand", () => {
  const result = {
    found: true,
    records: [{ id: "1", ship_to: { line: "1 Old Street", zip: "10115" }, phone: null }],
  };
  assert.deepEqual(withoutPersonal(result, ["line", "zip", "phone"]), {
    found: true,
    records: [{ id: "1", ship_to: { line: "[personal]", zip: "[personal]" }, phone: null }],
  });
  assert.equal(withoutPersonal(result, []), result);
});
