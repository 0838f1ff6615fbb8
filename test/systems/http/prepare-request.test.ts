import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { type PreparedRequest, prepareRequest } from "#systems/http/prepare-request.ts";
import type { RequestTemplate } from "#systems/contract.ts";
import type { RequestValues } from "#systems/request-values.ts";
import { anyCharacter } from "#test/support/any-character.ts";

const input = (name: string) => ({ from: "input", name }) as const;

function values(given: Readonly<Record<string, unknown>>): RequestValues {
  return {
    input: given,
    requester: { customer_id: "c1", email: "ann@customer.test", system_id: null },
    record: { payment: { id: "pay_1" }, lines: [{ id: 7 }] },
    key: "key-1",
  };
}

function prepared(template: RequestTemplate, given: RequestValues): PreparedRequest {
  const made = prepareRequest(template, given);
  assert.ok(made.kind === "prepared", made.kind === "refused" ? made.reason : "");
  return made.request;
}

function reason(template: RequestTemplate, given: RequestValues): string {
  const made = prepareRequest(template, given);
  assert.equal(made.kind, "refused");
  return made.kind === "refused" ? made.reason : "";
}

const ORDER: RequestTemplate = {
  method: "GET",
  path: "/v1/orders/{id}.json",
  pathValues: { id: input("id") },
};

const anything = fc.oneof(fc.string({ unit: anyCharacter }), fc.string(), fc.anything());

describe("preparing a request", () => {
  test("each value goes where the template puts it", () => {
    const template: RequestTemplate = {
      method: "POST",
      path: "/customers/{customer}/orders/{order}",
      pathValues: { customer: { from: "requester", is: "customer_id" }, order: input("order") },
      query: {
        "filter[email]": { from: "requester", is: "email" },
        limit: { from: "fixed", value: 5 },
      },
      headers: { "Idempotency-Key": { from: "key" } },
      body: {
        encoding: "json",
        fields: {
          "refund.amount": input("amount"),
          "refund.lines.0.payment": { from: "record", field: "payment.id" },
          "refund.lines.1.line": { from: "record", field: "lines.0.id" },
        },
      },
    };
    assert.deepEqual(prepared(template, values({ order: "a b/ü", amount: 12.5 })), {
      method: "POST",
      path: "/customers/c1/orders/a%20b%2F%C3%BC",
      query: [
        ["filter[email]", "ann@customer.test"],
        ["limit", "5"],
      ],
      headers: { "Idempotency-Key": "key-1" },
      body: {
        type: "application/json",
        text: '{"refund":{"amount":12.5,"lines":[{"payment":"pay_1"},{"line":7}]}}',
      },
    });
  });

  test("an input that was left out leaves its field out, and the requester's own values never", () => {
    const template: RequestTemplate = {
      method: "GET",
      path: "/orders",
      query: { status: input("status"), customer: { from: "requester", is: "customer_id" } },
    };
    assert.deepEqual(prepared(template, values({})).query, [["customer", "c1"]]);
    const unknown = {
      ...values({}),
      requester: { customer_id: null, email: null, system_id: null },
    };
    assert.match(reason(template, unknown), /requester's customer id is not known/);
    const blank = { ...unknown, requester: { ...unknown.requester, customer_id: "" } };
    assert.match(reason(template, blank), /not known/);
  });

  test("a path value that is no segment of a path is refused", () => {
    for (const id of [
      ".",
      "..",
      "",
      "../x",
      "a/../b",
      "a\\..\\b",
      "x".repeat(256),
      "\ud800",
      null,
      {},
      ["a"],
    ])
      assert.match(reason(ORDER, values({ id })), /path value id/);
    assert.match(reason({ ...ORDER, pathValues: {} }, values({ id: "1" })), /not declared/);
    for (const path of ["orders", "//evil.test/x", "/a/../b", "/a?b=c", "/a#b", "/{", "/a b"])
      assert.match(reason({ method: "GET", path }, values({})), /not one that is sent/);
  });

  test("no value of a path can change the path", () => {
    fc.assert(
      fc.property(anything, (id) => {
        const made = prepareRequest(ORDER, values({ id }));
        if (made.kind === "refused") return;
        const url = new URL(`http://system.test${made.request.path}`);
        const [, first, second, third, ...more] = url.pathname.split("/");
        assert.deepEqual([first, second, more, url.search, url.hash], ["v1", "orders", [], "", ""]);
        assert.equal(decodeURIComponent(third ?? ""), `${String(id)}.json`);
      }),
    );
  });

  test("no value can add a query parameter or a header", () => {
    const template: RequestTemplate = {
      method: "GET",
      path: "/orders",
      query: { one: input("value"), two: { from: "fixed", value: "fixed" } },
      headers: { "X-One": input("value") },
    };
    fc.assert(
      fc.property(anything, (value) => {
        const made = prepareRequest(template, values({ value }));
        if (made.kind === "refused") return;
        const { query, headers } = made.request;
        const isLeftOut = value === undefined || value === null;
        assert.deepEqual(
          query.map(([name]) => name),
          isLeftOut ? ["two"] : ["one", "two"],
        );
        assert.deepEqual(Object.keys(headers), isLeftOut ? [] : ["X-One"]);
        // The wire's own parser of headers takes what was allowed.
        if (!isLeftOut) assert.equal(new Headers(headers).get("x-one"), headers["X-One"]?.trim());
      }),
    );
    for (const value of ["a\r\nX-Two: b", "a\nb", "a\0b", "ü"])
      assert.match(reason(template, values({ value })), /X-One has characters/);
  });

  test("headers that decide where a message ends or who asks are not for templates", () => {
    for (const name of [
      "Host",
      "authorization",
      "Content-Length",
      "Transfer-Encoding",
      "a b",
      "a:b",
    ])
      assert.match(
        reason({ method: "GET", path: "/x", headers: { [name]: input("v") } }, values({ v: "1" })),
        /not for templates|no name of a header/,
      );
  });

  test("no value can add a field to a body of any encoding", () => {
    const fields = {
      "refund.amount": input("value"),
      "refund.note": { from: "fixed", value: "n" },
    } as const;
    fc.assert(
      fc.property(anything, fc.constantFrom("json", "form", "json-patch"), (value, encoding) => {
        const template: RequestTemplate = {
          method: "POST",
          path: "/x",
          body: { encoding, fields },
        };
        const made = prepareRequest(template, values({ value }));
        if (made.kind === "refused") return;
        const text = made.request.body?.text ?? "";
        for (const name of namesIn(encoding, text))
          assert.match(name, /^refund\.(?:amount(?:\.\d+)?|note)$/);
      }),
    );
    for (const value of [{ admin: true }, [{ admin: true }], [["a"]], Number.NaN, 2 ** 53])
      assert.match(
        reason(
          { method: "POST", path: "/x", body: { encoding: "json", fields } },
          values({ value }),
        ),
        /neither one value nor a list/,
      );
  });

  test("a form nests its fields in brackets, and a patch replaces each", () => {
    const fields = { "address.line1": input("line"), "~tags/x": input("tags") };
    const given = values({ line: "1 New Street & Co", tags: ["a", "b"] });
    const body = (encoding: "form" | "json-patch"): unknown =>
      prepared({ method: "PATCH", path: "/x", body: { encoding, fields } }, given).body;
    assert.deepEqual(body("form"), {
      type: "application/x-www-form-urlencoded",
      text: "address%5Bline1%5D=1%20New%20Street%20%26%20Co&~tags%2Fx%5B0%5D=a&~tags%2Fx%5B1%5D=b",
    });
    assert.deepEqual(body("json-patch"), {
      type: "application/json-patch+json",
      text: '[{"op":"replace","path":"/address/line1","value":"1 New Street & Co"},{"op":"replace","path":"/~0tags~1x","value":["a","b"]}]',
    });
  });

  test("a name of JavaScript's own is a field like any other, and two fields of one place are refused", () => {
    const named = (...names: readonly string[]): RequestTemplate => ({
      method: "POST",
      path: "/x",
      body: {
        encoding: "json",
        fields: Object.fromEntries(names.map((name) => [name, input("v")])),
      },
    });
    assert.equal(
      prepared(named("a.__proto__.b"), values({ v: 1 })).body?.text,
      '{"a":{"__proto__":{"b":1}}}',
    );
    assert.match(reason(named("a", "a.b"), values({ v: 1 })), /same place/);
    assert.match(reason(named("a.b", "a"), values({ v: 1 })), /same place/);
    assert.match(reason(named("a..b"), values({ v: 1 })), /no name/);
    const inherited = { ...values({}), record: {} };
    assert.match(
      reason(
        { method: "GET", path: "/x", query: { a: { from: "record", field: "constructor" } } },
        inherited,
      ),
      /has no constructor/,
    );
  });
});

function namesIn(encoding: "json" | "form" | "json-patch", text: string): readonly string[] {
  if (encoding === "form")
    return [...new URLSearchParams(text).keys()].map((name) =>
      name.replaceAll(/\[([^\]]*)\]/g, ".$1"),
    );
  const whole: unknown = JSON.parse(text);
  if (encoding === "json") return leaves(whole, "");
  assert.ok(Array.isArray(whole));
  return whole.map(({ path }) => String(path).slice(1).replaceAll("/", "."));
}

function leaves(value: unknown, path: string): readonly string[] {
  if (typeof value !== "object" || value === null) return [path];
  return Object.entries(value).flatMap(([name, below]) =>
    leaves(below, path === "" ? name : `${path}.${name}`),
  );
}
