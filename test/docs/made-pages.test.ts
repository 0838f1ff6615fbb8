/** The documents that are made from the program say what the program says. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { Environment } from "#config/environment.ts";
import { settingsParts } from "./described-settings.ts";
import { Secret } from "#config/secret.ts";
import { madePages, ROOT } from "./made-pages.ts";
import { readmeWithFigures } from "./readme-figures.ts";

describe("documents made from the program", () => {
  for (const { file, text } of madePages())
    test(`${file} is as \`npm run docs\` writes it`, () => {
      const path = join(ROOT, file);
      assert.ok(existsSync(path), `run \`npm run docs\`: ${file} is missing`);
      assert.equal(readFileSync(path, "utf8"), text, "run `npm run docs`");
    });
});

describe("the list of settings", () => {
  const settings = settingsParts().flatMap((part) => part.settings);

  test("has every variable of the schema once, but those with which tests make faults", () => {
    const offered = Environment.keyof().options.filter(
      (name) => Environment.shape[name].description?.startsWith("for fault tests only") !== true,
    );
    assert.deepEqual(settings.map(({ name }) => name).toSorted(), offered.toSorted());
  });

  test("gives an example of each that is accepted", () => {
    const refused = settings.filter(
      ({ name, example }) => !Environment.shape[name].safeParse(example).success,
    );
    assert.deepEqual(refused, []);
  });

  test("gives each default as the program has it", () => {
    const defaults = Environment.parse({});
    for (const { name, fallback } of settings)
      assert.equal(fallback, defaults[name] === undefined ? null : String(defaults[name]), name);
  });

  test("calls what prints as [secret] a secret, and every password, token, key and header is one", () => {
    const named = settings.filter(({ name }) =>
      /_(?:SECRETS?|TOKEN|PASS|KEY|KEY_ID|HEADERS)$/.test(name),
    );
    assert.deepEqual(
      settings.filter(({ isSecret }) => isSecret).map(({ name }) => name),
      named.map(({ name }) => name),
    );
    assert.ok(Environment.shape.SHOP_KEY.parse("x") instanceof Secret);
  });

  test("shows a small team at most twenty first", () => {
    const first = settingsParts().filter(({ use }) => use === "needed");
    assert.ok(first.flatMap((part) => part.settings).length <= 20);
  });

  test("says in a few words what each is for", () => {
    for (const { name, purpose } of settings)
      assert.ok(purpose.length >= 7 && purpose.length <= 100, `${name}: ${purpose.length}`);
  });
});

describe("figures in README", () => {
  const [begin, end] = [
    "<!-- figures of the benchmark, put here by `npm run docs` -->",
    "<!-- end of figures -->",
  ];
  const page = `| a | before | now | demanded | met |
| conversations a second (two workers, 16 at once) | 20 | 21.3 | ≥ 120 | no |
| median time to answer, 16 at once | 600 ms | 712.9 ms | ≤ 80 ms | no |
`;

  test("are those of the benchmark's page, and nothing else changes", () => {
    const made = readmeWithFigures(`above\n${begin}\n- old\n${end}\nbelow`, page);
    assert.match(made, /^above\n[^]*- 21\.3 conversations a second[^]*- 712\.9 ms [^]*\nbelow$/);
    assert.doesNotMatch(made, /old/);
  });

  test("that the page does not have are an error, as is a README without their place", () => {
    assert.throws(() => readmeWithFigures(`${begin}${end}`, "| a |"), /no row/);
    assert.throws(() => readmeWithFigures("# Deskhand", page), /README\.md has no/);
  });
});
