/** What people outside are asked for: forms that GitHub can read, and no address that nobody reads. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { parse } from "yaml";
import { z } from "zod";
import { ROOT } from "./made-pages.ts";

const FORMS = ".github/ISSUE_TEMPLATE";

const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");

/** What GitHub asks of a form, as far as ours use it. */
const Form = z.strictObject({
  name: z.string().min(5),
  description: z.string().min(5),
  labels: z.array(z.string()).min(1),
  body: z
    .array(
      z.strictObject({
        type: z.enum(["markdown", "textarea", "input", "dropdown", "checkboxes"]),
        id: z
          .string()
          .regex(/^[a-z]+$/)
          .optional(),
        attributes: z.looseObject({
          label: z.string().optional(),
          description: z.string().optional(),
        }),
        validations: z.strictObject({ required: z.boolean() }).optional(),
      }),
    )
    .min(2),
});

describe("the forms for issues", () => {
  const names = readdirSync(join(ROOT, FORMS)).filter((name) => name !== "config.yml");
  const form = (name: string) => Form.parse(parse(read(`${FORMS}/${name}`)));

  test("are one for what is wrong and one for ideas, each with ids of its own", () => {
    assert.deepEqual(names.toSorted(), ["bug.yml", "idea.yml"]);
    for (const name of names) {
      const fields = form(name).body.filter(({ type }) => type !== "markdown");
      assert.equal(new Set(fields.map(({ id }) => id)).size, fields.length, name);
      assert.ok(
        fields.every(({ id, attributes: { label } }) => id !== undefined && label !== undefined),
        name,
      );
    }
  });

  test("ask for what doctor says, without secrets, and send holes elsewhere", () => {
    for (const name of names) {
      const doctor = form(name).body.find(({ id }) => id === "doctor");
      assert.match(doctor?.attributes.label ?? "", /`deskhand doctor`/, name);
      assert.match(doctor?.attributes.description ?? "", /remove secrets/i, name);
    }
    assert.match(read(`${FORMS}/bug.yml`), /SECURITY\.md says how to report it in private/);
  });
});

test("a hole is reported where only maintainers read it, and no page names a mail address for it", () => {
  assert.match(read("SECURITY.md"), /\*\*Security → Report a vulnerability\*\*/);
  for (const page of ["SECURITY.md", "CODE_OF_CONDUCT.md", "CONTRIBUTING.md"])
    assert.doesNotMatch(read(page), /[\w.+-]+@[\w-]+\.\w|mailto:/, page);
});
