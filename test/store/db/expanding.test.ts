/**
 * Migrations only expand: while one runs, and after it, workers of the version before go on with the tables they know.
 * What no version in use needs any more is taken away later, by a file that says since when.
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { pendingFor } from "#store/db/migrate.ts";

/** The schema is the first; beside what comes after it, older code may run. */
const [SCHEMA, ...CHANGES] = pendingFor([]);

/** What in a file stops older code; empty for one that only expands. */
function offencesIn(text: string): readonly string[] {
  if (/^-- contract: since \d+\.\d+\.\d+$/m.test(text.split(/^(?!--)/m)[0] ?? "")) return [];
  const statements = text
    .split(/;\s*$/m)
    .map((one) => one.replaceAll(/--.*$/gm, " ").replaceAll(/\s+/g, " ").trim().toLowerCase())
    .filter((one) => one !== "");
  const made = new Set(
    statements.flatMap((one) => /^create table (?:if not exists )?(\w+)/.exec(one)?.[1] ?? []),
  );
  return statements.flatMap((one) => offenceOf(one, made));
}

function offenceOf(statement: string, made: ReadonlySet<string>): readonly string[] {
  // A trigger fills what older code does not know of.
  if (/^(create table|insert into|update|create or replace (function|trigger)) /.test(statement))
    return [];
  const index = /^create (unique )?index (?:if not exists )?\w+ on (\w+)/.exec(statement);
  if (index !== null)
    return index[1] === undefined || made.has(index[2] ?? "")
      ? []
      : [`older code may write what this refuses: ${statement}`];
  const altered = /^alter table (\w+) (.*)$/.exec(statement);
  if (altered === null) return [`no way to expand: ${statement}`];
  if (made.has(altered[1] ?? "")) return [];
  return clausesOf(altered[2] ?? "").flatMap(offenceOfClause);
}

function offenceOfClause(clause: string): readonly string[] {
  if (!clause.startsWith("add column ")) return [`no way to expand: ${clause}`];
  if (/ generated | serial/.test(clause)) return [`writes the whole table anew: ${clause}`];
  if (/ unique| primary key/.test(clause))
    return [`older code may write what this refuses: ${clause}`];
  if (clause.includes(" not null") && !clause.includes(" default "))
    return [`older code does not write it: ${clause}`];
  return [];
}

/** Splits at the commas between clauses, not at those inside brackets or quotes. */
function clausesOf(text: string): readonly string[] {
  const found: string[] = [];
  let [depth, quoted, from] = [0, false, 0];
  for (const [at, letter] of text.split("").entries()) {
    if (letter === "'") quoted = !quoted;
    if (quoted) continue;
    if (letter === "(") depth += 1;
    if (letter === ")") depth -= 1;
    if (letter === "," && depth === 0) {
      found.push(text.slice(from, at).trim());
      from = at + 1;
    }
  }
  return [...found, text.slice(from).trim()];
}

describe("a migration", () => {
  test("leaves older code working, and says with which its tables work", () => {
    assert.equal(SCHEMA?.worksWith, null);
    for (const { name, text, worksWith: oldest } of CHANGES) {
      assert.deepEqual(offencesIn(text), [], name);
      assert.ok(oldest !== null || /^-- contract: /m.test(text), name);
      if (oldest !== null)
        assert.ok(
          pendingFor([]).some((other) => other.name.startsWith(oldest) && other.name < name),
          `${name} works with ${oldest}, which is none before it`,
        );
    }
  });

  const allowed = [
    "create table next (id text primary key, n integer not null); create unique index u on next (n);",
    "alter table hint\n  add column note text, -- a note; with a semicolon\n  add column size numeric(10, 2) not null default 0;",
    "alter table hint add column state text not null default 'a, b';",
    "create index if not exists hint_note on hint (note);",
    "update hint set note = '' where note is null;",
    "create or replace trigger t before update of kind on hint for each row execute function f();",
    "-- Nobody reads it.\n-- contract: since 0.4.0\nalter table hint drop column note;",
  ];
  for (const text of allowed)
    test(`may say: ${text.replaceAll("\n", " ")}`, () => assert.deepEqual(offencesIn(text), []));

  const refused = [
    "drop table hint;",
    "alter table hint drop column kind;",
    "alter table hint rename column kind to sort;",
    "alter table hint add column note text not null;",
    "alter table hint add column note text, drop column kind;",
    "alter table hint add column size integer generated always as (length(kind)) stored;",
    "alter table hint add column note text unique;",
    "create unique index hint_kind on hint (kind);",
    "create index concurrently hint_note on hint (note);",
    "alter table hint drop column kind;\n-- contract: since 0.4.0",
  ];
  for (const text of refused)
    test(`may not say: ${text.replaceAll("\n", " ")}`, () =>
      assert.equal(offencesIn(text.replace(/;$/m, ";\n")).length, 1));
});
