/** The page of the metrics, made from the list that the program counts by. */
import { type Definition, DEFINITIONS } from "#telemetry/metrics/meter.ts";
import { code, table } from "./markdown.ts";

/** `docs/metrics.md`. */
export function metricsPage(): string {
  return `# Watch Deskhand with Prometheus and Grafana

For operators: connect Prometheus, its alerts and a dashboard, and look up what each metric says. \`npm run docs\` makes this page from the program.

## Connect Prometheus

1. Set \`DESKHAND_METRICS_PORT=9464\` for every process, each with its own port on one machine. \`/metrics\` is then on \`127.0.0.1\`, or on \`DESKHAND_METRICS_HOST\`, for whoever reaches the port. \`DESKHAND_METRICS_TOKEN\` asks for a token there; without a port of its own, it offers \`/metrics\` beside \`/health\`.
2. Add the processes to \`prometheus.yml\`:

   \`\`\`yaml
   rule_files: [alerts.yml]
   scrape_configs:
     - job_name: deskhand
       scrape_interval: 15s
       authorization: { credentials_file: /etc/prometheus/deskhand-token } # with a token
       static_configs:
         - targets: ["127.0.0.1:9464", "127.0.0.1:9465"]
   \`\`\`

3. Copy [alerts.yml](prometheus/alerts.yml) beside it. Each alert has a [runbook](runbooks/README.md). The thresholds fit a small shop: change them. \`npm run check -- alerts\` plays made-up series through the rules with Prometheus' \`promtool\`.
4. In Grafana, choose Dashboards, New, Import, and upload [grafana-dashboard.json](prometheus/grafana-dashboard.json).

## Each process

Add the processes up: \`sum by (channel) (rate(deskhand_turns_total[5m]))\`. Names with \`_total\` are counters, the others gauges; ages are 0 when nothing waits. prom-client's \`process_…\` and \`nodejs_…\` metrics come with these.

${metricTable(DEFINITIONS.filter(({ scope }) => scope === "process"))}

## The whole installation

The process that leads offers these alone; two may for a moment, so use \`max\`.

${metricTable(DEFINITIONS.filter(({ scope }) => scope === "installation"))}

## Labels

A value that is not listed, and each tool of your own, is counted as \`other\`. No metric holds a customer's word, address or id.

${labelLines(DEFINITIONS).join("\n")}
`;
}

function metricTable(definitions: readonly Definition[]): string {
  return table(
    ["Metric", "What it says"],
    definitions.map(({ name, kind, help, labels }) => [
      code(withLabels(name, Object.keys(labels))),
      kind === "histogram" ? `${help} A histogram.` : help,
    ]),
  );
}

/** As Prometheus writes a metric with its labels. */
function withLabels(name: string, labels: readonly string[]): string {
  return labels.length === 0 ? name : `${name}{${labels.join(",")}}`;
}

/** Each label with its values; where metrics differ in them, each list says of which metrics it is. */
function labelLines(definitions: readonly Definition[]): readonly string[] {
  const lists = definitions
    .flatMap(({ name, labels }) =>
      Object.entries(labels).map(([label, values]) => ({ name, label, values: values.join(", ") })),
    )
    .toSorted((one, other) => one.label.localeCompare(other.label));
  const byLabel = Map.groupBy(lists, ({ label }) => label);
  return [...byLabel].flatMap(([label, uses]) => {
    const byValues = [...Map.groupBy(uses, ({ values }) => values)];
    return byValues.map(([values, same]) => {
      const metrics =
        byValues.length === 1 ? "" : ` of ${same.map(({ name }) => code(name)).join(", ")}`;
      return `- ${code(label)}${metrics}: ${values}`;
    });
  });
}
