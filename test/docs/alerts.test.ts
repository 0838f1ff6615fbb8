/** The alert rules and the dashboard speak of metrics that exist, and every alert leads to a page that says what to do. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parse } from "yaml";
import { z } from "zod";
import { DEFINITIONS, OTHER } from "#telemetry/metrics/meter.ts";
import { createMeter } from "#telemetry/metrics/meter.ts";
import { ROOT } from "./made-pages.ts";

const Rules = z.strictObject({
  groups: z.array(
    z.strictObject({
      name: z.string(),
      interval: z.string().optional(),
      rules: z.array(
        z.union([
          z.strictObject({
            alert: z.string().regex(/^Deskhand[A-Z][A-Za-z]+$/),
            expr: z.string(),
            for: z.string().regex(/^\d+[mh]$/),
            labels: z.strictObject({ severity: z.enum(["page", "ticket"]) }),
            annotations: z.strictObject({ summary: z.string(), runbook: z.string() }),
          }),
          z.strictObject({ record: z.string().regex(/^deskhand:\w+:\w+$/), expr: z.string() }),
        ]),
      ),
    }),
  ),
});

const Dashboard = z.strictObject({
  title: z.string(),
  uid: z.string(),
  schemaVersion: z.int(),
  version: z.int(),
  tags: z.array(z.string()),
  time: z.strictObject({ from: z.string(), to: z.string() }),
  refresh: z.string(),
  templating: z.strictObject({
    list: z.array(
      z.strictObject({
        name: z.literal("datasource"),
        type: z.literal("datasource"),
        query: z.literal("prometheus"),
        label: z.string(),
      }),
    ),
  }),
  panels: z.array(
    z.strictObject({
      id: z.int(),
      title: z.string(),
      type: z.enum(["stat", "timeseries"]),
      datasource: z.strictObject({
        type: z.literal("prometheus"),
        uid: z.literal("${datasource}"),
      }),
      gridPos: z.strictObject({ x: z.int(), y: z.int(), w: z.int(), h: z.int() }),
      fieldConfig: z.strictObject({
        defaults: z.strictObject({ unit: z.string(), min: z.literal(0) }),
        overrides: z.array(z.never()),
      }),
      targets: z
        .array(z.strictObject({ refId: z.string(), expr: z.string(), legendFormat: z.string() }))
        .min(1),
    }),
  ),
});

const read = (file: string): string => readFileSync(join(ROOT, "docs", file), "utf8");
const rules = Rules.parse(parse(read("prometheus/alerts.yml"))).groups.flatMap(
  (group) => group.rules,
);
const alerts = rules.flatMap((rule) => ("alert" in rule ? [rule] : []));
const { panels } = Dashboard.parse(JSON.parse(read("prometheus/grafana-dashboard.json")));

/** Every metric that a process offers, those of Node.js among them. */
const OFFERED = new Set(
  [...(await createMeter().text()).matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name),
);

/** What an expression asks for that no metric of ours or of Node.js offers. */
function unknownIn(expression: string): readonly string[] {
  const ours = new Map(DEFINITIONS.map((one) => [one.name, one]));
  const found: string[] = [];
  for (const [, name = "", selector = ""] of expression.matchAll(
    /\b((?:deskhand|nodejs|process)_\w+)(?:\{([^}]*)\})?/g,
  )) {
    const plain = name.replace(/_(?:bucket|sum|count)$/, "");
    const metric = ours.get(name) ?? ours.get(plain);
    if (metric === undefined && !OFFERED.has(name)) found.push(name);
    for (const [, label = "", values = ""] of selector.matchAll(/(\w+)(?:=~|!=|=)"([^"]*)"/g)) {
      const known = [...(metric?.labels[label] ?? []), OTHER];
      found.push(...values.split("|").filter((value) => !known.includes(value)));
    }
  }
  return found;
}

test("every rule and every panel asks for metrics and label values that exist", () => {
  assert.ok(alerts.length >= 10);
  const panelExpressions = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
  for (const expression of [...rules.map(({ expr }) => expr), ...panelExpressions])
    assert.deepEqual(unknownIn(expression), [], expression);
  assert.deepEqual(unknownIn('max(deskhand_effects{state="lost"}) + deskhand_unreal'), [
    "lost",
    "deskhand_unreal",
  ]);
});

test("every alert has its own runbook, which names it, and no runbook is without an alert", () => {
  const pages = alerts.map(({ annotations }) => annotations.runbook);
  assert.deepEqual(
    pages.toSorted(),
    readdirSync(join(ROOT, "docs/runbooks"))
      .filter((file) => file !== "README.md")
      .map((file) => `docs/runbooks/${file}`)
      .toSorted(),
  );
  for (const { alert, annotations } of alerts) {
    const text = readFileSync(join(ROOT, annotations.runbook), "utf8");
    assert.ok(text.startsWith(`# ${annotations.summary}\n`), annotations.runbook);
    assert.ok(text.includes(`\`${alert}\``), annotations.runbook);
  }
});

test("no panels of the dashboard lie on each other", () => {
  const taken = new Set<string>();
  for (const { title, gridPos } of panels)
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1)
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
        assert.ok(x < 24 && !taken.has(`${x} ${y}`), title);
        taken.add(`${x} ${y}`);
      }
});
