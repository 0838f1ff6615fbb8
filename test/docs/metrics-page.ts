/** The page of the metrics, made from the list that the program counts by. */
import { METRICS } from "#telemetry/metrics/definitions.ts";
import type { Definition } from "#telemetry/metrics/shape.ts";
import { runtimeMetrics } from "#telemetry/metrics/meter.ts";
import { code, table } from "./markdown.ts";

/** `docs/metrics.md`. */
export function metricsPage(): string {
  const ours = Object.values<Definition>(METRICS);
  return `# Metrics

For admins: what a running Deskhand measures, and how Prometheus and Grafana are connected to it. The tables are made from the program by \`npm run docs\`, and a test compares them.

## Connecting Prometheus

\`/metrics\` is off until you set one of these ([settings.md](settings.md)):

- \`DESKHAND_METRICS_PORT=9464\` offers \`/metrics\` on a port of its own, on \`127.0.0.1\` unless \`DESKHAND_METRICS_HOST\` says otherwise. Whoever reaches that port can read it; with a token as well, it asks for the token.
- \`DESKHAND_METRICS_TOKEN\` offers \`/metrics\` beside \`/health\`, for who sends the token.

Do this for every process, each with its own port on one machine. Then, in \`prometheus.yml\`:

\`\`\`yaml
scrape_configs:
  - job_name: deskhand
    scrape_interval: 15s
    # Only where DESKHAND_METRICS_TOKEN is set:
    authorization: { credentials_file: /etc/prometheus/deskhand-token }
    static_configs:
      - targets: ["127.0.0.1:9464", "127.0.0.1:9465"]
\`\`\`

Every process counts for itself, so add the processes up: \`sum by (channel) (rate(deskhand_turns_total[5m]))\`. What concerns the whole installation is read from the database twice a minute by the one process that leads (\`deskhand_leader\` is 1), and offered by that process alone; a scrape asks the database nothing. Use \`max\` for these, because for a moment after another process took over there may be two.

No metric holds a customer's word, address or id: every label has the values listed here, and anything else is counted as \`other\`. The tools of your own systems are \`other\` as well.

## What they cost

\`npm run bench -- metrics\` measures what metrics and their scrapes add to the processor time of a conversation, with the interval it may be in, and ends with 1 when that may be more than 1 %. Run it on a machine that does nothing else.

## Alerts and a dashboard

Copy [prometheus/alerts.yml](prometheus/alerts.yml) to Prometheus and name it under \`rule_files\`. Each alert has a page that says what to do: [runbooks](runbooks/README.md). \`npm run check -- alerts\` checks the rules and plays made-up series through them; it needs \`promtool\`, which comes with Prometheus. The thresholds are ours for a small shop: change them.

In Grafana, choose Dashboards, New, Import, and upload [prometheus/grafana-dashboard.json](prometheus/grafana-dashboard.json). It asks for the Prometheus it shall read.

## Each process

${metricTable(ours.filter(({ scope }) => scope === "process"))}

Labels with many values:

${longLabels(ours)}

## The whole installation

${metricTable(ours.filter(({ scope }) => scope === "installation"))}

## Of Node.js

As \`prom-client\` offers them: memory, processor time, garbage collection and the lag of the event loop.

${table(
  ["Metric", "Kind", "What it says"],
  runtimeMetrics().map(({ name, kind, help }) => [code(name), kind, help]),
)}
`;
}

function metricTable(definitions: readonly Definition[]): string {
  return table(
    ["Metric", "Kind", "What it says", "Labels"],
    definitions.map(({ name, kind, help, labels }) => [code(name), kind, help, labelsIn(labels)]),
  );
}

/** A label with more values is listed below the table, whose lines have to be readable. */
const IN_TABLE_MAX = 9;

function longLabels(definitions: readonly Definition[]): string {
  return definitions
    .flatMap(({ name, labels }) =>
      Object.entries(labels).flatMap(([label, values]) =>
        values.length > IN_TABLE_MAX
          ? [`- ${code(label)} of ${code(name)}: ${values.map(code).join(", ")}`]
          : [],
      ),
    )
    .join("\n");
}

function labelsIn(labels: Definition["labels"]): string {
  const each = Object.entries(labels).map(([name, values]) =>
    values.length > IN_TABLE_MAX ? code(name) : `${code(name)}: ${values.map(code).join(", ")}`,
  );
  return each.length === 0 ? "–" : each.join("; ");
}
