/** The files for containers and services: they name settings, roles and paths that exist, and give away no rights. */
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { parseAllDocuments, parse } from "yaml";
import { z } from "zod";
import { Environment } from "#config/environment.ts";
import { BARE_ENVIRONMENT } from "#test/support/bare-environment.ts";
import { closed, listen } from "#test/support/loopback.ts";

const ROOT = join(import.meta.dirname, "../..");
const read = (name: string): string => readFileSync(join(ROOT, name), "utf8");

const SETTINGS: ReadonlySet<string> = new Set(Object.keys(Environment.shape));
const ROLES = ["channels", "web", "worker"];

/** Read by others than Deskhand. */
const OTHERS = new Set(["NODE_ENV"]);

const unknown = (names: readonly string[]): readonly string[] =>
  names.filter((name) => !SETTINGS.has(name) && !OTHERS.has(name));

const Process = z.object({
  command: z.tuple([z.string()]),
  read_only: z.literal(true),
  cap_drop: z.tuple([z.literal("ALL")]),
  environment: z.record(z.string(), z.string()),
  ports: z.array(z.string()).default([]),
  tmpfs: z.array(z.string()),
});

/** What Docker and Podman both take behind a tmpfs: Podman refuses uid and gid. */
const TMPFS_OPTION = /^(?:size=\w+|mode=\d+|ro|rw|nosuid|nodev|noexec)$/;

/** Where these tmpfs are mounted. Fails for one that an engine refuses, or that the image's user could not write to. */
function tmpfsPlaces(entries: readonly string[]): readonly string[] {
  return entries.map((entry) => {
    const [place = "", options = ""] = entry.split(":");
    for (const option of options.split(",")) assert.match(option, TMPFS_OPTION, entry);
    assert.match(options, /\bmode=1777\b/, entry);
    return place;
  });
}

test("what is mounted for data belongs to its maker, so the image keeps its data in a folder below it", () => {
  const image = read("Containerfile");
  const [, folder = ""] = /^ENV .*\bDESKHAND_DATA=(\S+)$/mu.exec(image) ?? [];
  const composed = z
    .object({ services: z.object({ web: Process }) })
    .parse(parse(read("deploy/compose.yaml"), { merge: true }));
  const mounted = {
    compose: tmpfsPlaces(composed.services.web.tmpfs),
    run: tmpfsPlaces([...image.matchAll(/--tmpfs (\S+)/gu)].map(([, entry = ""]) => entry)),
    kubernetes: deployments().flatMap(({ volumes, containers: [{ volumeMounts }] }) => {
      const empty = volumes.filter((volume) => volume.emptyDir !== undefined);
      const names = new Set(empty.map(({ name }) => name));
      return volumeMounts.filter(({ name }) => names.has(name)).map(({ mountPath }) => mountPath);
    }),
  };
  for (const [where, places] of Object.entries(mounted)) {
    assert.ok(
      places.some((place) => folder.startsWith(`${place}/`)),
      where,
    );
    assert.ok(!places.includes(folder), where);
  }
});

test("the compose file starts each role, sets what exists, and publishes web on this machine only", () => {
  const { services } = z
    .object({ services: z.record(z.string(), z.unknown()) })
    .parse(parse(read("deploy/compose.yaml"), { merge: true }));
  const processes = ROLES.map((role) => Process.parse(services[role]));
  assert.deepEqual(
    processes.map(({ command }) => command[0]),
    ROLES,
  );
  for (const { environment } of processes) assert.deepEqual(unknown(Object.keys(environment)), []);
  for (const [name, service] of Object.entries(services)) {
    const { image } = z.looseObject({ image: z.string() }).parse(service);
    assert.match(image, image === "deskhand" ? /./ : /:[\w.-]*\d[\w.-]*$/, name);
  }
  assert.deepEqual(
    processes.flatMap(({ ports }) => ports),
    ["127.0.0.1:4747:4747"],
  );
});

const Deployment = z.object({
  kind: z.literal("Deployment"),
  spec: z.object({
    template: z.object({
      spec: z.object({
        securityContext: z.object({ runAsNonRoot: z.literal(true) }).loose(),
        volumes: z.array(z.looseObject({ name: z.string(), emptyDir: z.object({}).optional() })),
        containers: z.tuple([
          z.object({
            args: z.tuple([z.string()]),
            env: z.array(z.object({ name: z.string(), value: z.string() })),
            securityContext: z.object({
              allowPrivilegeEscalation: z.literal(false),
              readOnlyRootFilesystem: z.literal(true),
              capabilities: z.object({ drop: z.tuple([z.literal("ALL")]) }),
            }),
            volumeMounts: z.array(z.object({ name: z.string(), mountPath: z.string() })),
            startupProbe: z.object({ periodSeconds: z.int(), failureThreshold: z.int() }),
            livenessProbe: z.object({ httpGet: z.object({ path: z.literal("/health/live") }) }),
            readinessProbe: z.object({ httpGet: z.object({ path: z.literal("/health/ready") }) }),
          }),
        ]),
      }),
    }),
  }),
});

/** The pods of the Deployments; each document of the manifest is well-formed. */
function deployments(): readonly z.infer<typeof Deployment>["spec"]["template"]["spec"][] {
  const documents = parseAllDocuments(read("deploy/kubernetes/deskhand.yaml")).map((document) => {
    assert.deepEqual(document.errors, []);
    return z.looseObject({ kind: z.string() }).parse(document.toJS());
  });
  return documents
    .filter(({ kind }) => kind === "Deployment")
    .map((document) => Deployment.parse(document).spec.template.spec);
}

test("the manifests start each role without rights, with probes that exist and settings that exist", () => {
  const containers = deployments().map(({ containers: [container] }) => container);
  assert.deepEqual(containers.map(({ args }) => args[0]).toSorted(), ROLES);
  for (const { env } of containers) assert.deepEqual(unknown(env.map(({ name }) => name)), []);
  // A migration that is killed is rolled back, so a pod that is not given the time for it never starts.
  for (const { startupProbe } of containers)
    assert.ok(startupProbe.periodSeconds * startupProbe.failureThreshold >= 3_600);
});

test("what Prometheus reads is let in to every pod, on the port that each offers", () => {
  const policies = parseAllDocuments(read("deploy/kubernetes/deskhand.yaml"))
    .map((document) => z.looseObject({ kind: z.string() }).parse(document.toJS()))
    .filter(({ kind }) => kind === "NetworkPolicy");
  const open = JSON.stringify(policies[0]);
  for (const { containers } of deployments()) {
    const set = new Map(containers[0].env.map(({ name, value }) => [name, value]));
    assert.equal(set.get("DESKHAND_METRICS_HOST"), "0.0.0.0");
    assert.ok(open.includes(`"port":${set.get("DESKHAND_METRICS_PORT")}`), open);
  }
});

test("the service takes its role from its name and may write to its own folder only", () => {
  const unit = read("deploy/systemd/deskhand@.service");
  assert.match(unit, /^Environment=DESKHAND_ROLE=%i$/mu);
  // Relative paths in what init wrote count from there.
  assert.match(unit, /^WorkingDirectory=\/etc\/deskhand$/mu);
  for (const line of ["ProtectSystem=strict", "NoNewPrivileges=yes", "CapabilityBoundingSet="])
    assert.ok(unit.split("\n").includes(line), line);
  const set = [...unit.matchAll(/^Environment=(.*)$/gmu)].flatMap(([, pairs = ""]) =>
    pairs.split(" ").map((pair) => pair.split("=")[0] ?? ""),
  );
  assert.deepEqual(unknown(set), []);
});

for (const name of ["Containerfile", "deploy/demo/Containerfile"])
  test(`the image of ${name} runs as a user without rights, can be pinned, and starts what the package holds`, () => {
    const file = read(name);
    const [user] = /^USER (\d+):\d+$/mu.exec(file)?.slice(1) ?? [];
    assert.notEqual(Number(user ?? 0), 0);
    for (const [, image = ""] of file.matchAll(/^FROM (\S+)/gmu))
      assert.match(image, /^\$\{\w+\}$/u);
    const made = read("test/release/make-package.mjs");
    const started = [...file.matchAll(/"\/app\/(program\/[\w-]+\.js)"/gu)];
    assert.equal(started.length, 2);
    for (const [, program = ""] of started) assert.ok(made.includes(`"${program}"`), program);
    assert.match(file, /^STOPSIGNAL SIGTERM$/mu);
  });

test("the image drops what is for developers, and keeps each licence", (context) => {
  const [, command = ""] = /^RUN (find node_modules .*)$/mu.exec(read("Containerfile")) ?? [];
  const folder = mkdtempSync(join(tmpdir(), "deskhand-image-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const modules = join(folder, "node_modules");
  const kept = [
    "LICENSE.md",
    "license.md",
    "LICENCE-MIT.md",
    "NOTICE.md",
    "COPYING.md",
    "README.md",
  ];
  mkdirSync(modules);
  for (const name of [...kept, "CHANGELOG.md", "index.d.ts", "index.js.map", "index.js", "LICENSE"])
    writeFileSync(join(modules, name), "");
  execFileSync("sh", ["-c", command], { cwd: folder });
  assert.deepEqual(readdirSync(modules).toSorted(), [...kept, "LICENSE", "index.js"].toSorted());
});

test("the health check of an image finds the port and host that the program listens on", async (context) => {
  const server = createServer((_request, response) => void response.end());
  context.after(() => closed(server));
  const port = await listen(server);
  const env = { ...BARE_ENVIRONMENT, DESKHAND_PORT: `"${port}"`, DESKHAND_HOST: "" };
  const check = spawn(process.execPath, ["src/bootstrap/healthy.mjs"], { cwd: ROOT, env });
  assert.deepEqual(await once(check, "exit"), [0, null]);
});

test("stand-ins are in the demo's image, and left out of the one for production", () => {
  const [production, demo] = [read("Containerfile"), read("deploy/demo/Containerfile")];
  assert.match(production, /npm ci --omit=optional/);
  assert.match(demo, /npm ci/);
  assert.doesNotMatch(demo, /--omit/);
  for (const image of [production, demo]) assert.doesNotMatch(image, /npm install/);
  assert.match(demo, /^EXPOSE 4747$/mu);
  assert.match(
    read("test/release/make-package.mjs"),
    /optionalDependencies: Object\.fromEntries\(standIns\)/,
  );
});
