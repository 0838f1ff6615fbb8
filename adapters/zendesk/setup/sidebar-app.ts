/** The app beside a ticket as a package for the account: what is in it, and how it is uploaded and installed. */
import { setTimeout } from "node:timers/promises";
import { z } from "zod";
import { invalidConfig, readAs, reasonOf } from "#core/values/errors.ts";

/** Its name in the account, by which a later run finds it. */
const APP_NAME = "Deskhand";

/** Where our page stands below the public address. */
const PAGE_PATH = "/zendesk/app";

/** The build of an app takes a few seconds. */
const BUILD_MS = 60_000;
const LOOK_MS = 1_000;
const CALL_MS = 20_000;

const ICON = `<svg xmlns="http://www.w3.org/2000/svg" width="30" height="30" viewBox="0 0 30 30"><path fill="none" stroke="#1f6f54" stroke-width="3" stroke-linecap="round" stroke-linejoin="round" d="M5 16l7 7L25 7"/></svg>`;

/**
 * The app's package: its manifest, which names our page for the ticket's sidebar and asks for signed requests, its words
 * and its icon. Throws `config.invalid` for a public address without https, which Zendesk frames nowhere.
 */
export async function sidebarPackage(publicUrl: string): Promise<Buffer> {
  const page = `${publicUrl.replace(/(?<!\/)\/+$/, "")}${PAGE_PATH}`;
  if (!page.startsWith("https://"))
    throw invalidConfig(
      `DESKHAND_PUBLIC_URL: is ${publicUrl}, and Zendesk shows pages of https addresses alone beside a ticket`,
    );
  const manifest = {
    name: APP_NAME,
    author: { name: APP_NAME, email: "deskhand@example.com", url: publicUrl },
    defaultLocale: "en",
    private: true,
    location: { support: { ticket_sidebar: { url: page, flexible: true } } },
    signedUrls: true,
    version: "1.0.0",
    frameworkVersion: "2.0",
  };
  const words = {
    app: {
      name: APP_NAME,
      short_description: "The card of this ticket: what waits, why, and its buttons",
      long_description: "Approve, edit, reject or take over what Deskhand has prepared.",
    },
  };
  const files = {
    "manifest.json": JSON.stringify(manifest, null, 2),
    "translations/en.json": JSON.stringify(words, null, 2),
    "assets/logo.svg": ICON,
    "assets/icon_ticket_sidebar.svg": ICON,
  };
  // Loaded here, since other commands need none of it.
  const { default: JSZip } = await import("jszip");
  const archive = new JSZip();
  // Packed on the first of January 1980: the same content is the same bytes.
  for (const [name, text] of Object.entries(files))
    archive.file(name, text, { date: new Date(Date.UTC(1980)), createFolders: false });
  return archive.generateAsync({ type: "nodebuffer" });
}

interface AdminAccess {
  readonly url: string;
  readonly token: string;
}

const Id = z.coerce.number().int();
const Apps = z.object({ apps: z.array(z.object({ id: Id, name: z.string().nullish() })) });
const Installations = z.object({ installations: z.array(z.object({ id: Id, app_id: Id })) });
const Made = z.object({ id: Id });
const Job = z.object({ job_id: z.coerce.string() });
const Build = z.object({ status: z.string(), message: z.string().nullish(), app_id: Id.nullish() });

/**
 * Uploads the package as a new app, or as a new version of the one that is there, and installs it ("Creating and managing
 * private apps", Apps API). Throws `config.invalid` with Zendesk's words when it is refused.
 */
export async function installSidebarApp(access: AdminAccess, archive: Buffer) {
  const { apps } = await call(access, Apps, "GET", "apps/owned.json");
  const known = apps.find(({ name }) => name === APP_NAME)?.id;
  const form = new FormData();
  form.set("uploaded_data", new Blob([new Uint8Array(archive)]), "deskhand.zip");
  const { id: upload_id } = await call(access, Made, "POST", "apps/uploads.json", form);
  const { job_id: job } =
    known === undefined
      ? await call(access, Job, "POST", "apps.json", data({ name: APP_NAME, upload_id }))
      : await call(access, Job, "PUT", `apps/${known}.json`, data({ upload_id }));
  const app_id = (await builtApp(access, job)) ?? known ?? 0;
  const path = "apps/installations.json";
  const { installations } = await call(access, Installations, "GET", path);
  const wish = data({ app_id, settings: { name: APP_NAME } });
  const { id: installation } =
    installations.find((one) => one.app_id === app_id) ??
    (await call(access, Made, "POST", path, wish));
  const pem = await call(access, z.string(), "GET", `apps/${app_id}/public_key.pem`);
  // The public key's body on one line, as `ZENDESK_APP_PEM` takes it.
  return { installation, key: pem.replaceAll(/-----[A-Z ]+-----|\s/g, "") };
}

/** Waits until the build of an upload is over; the app's id where the job names it. */
async function builtApp(access: AdminAccess, job: string): Promise<number | null> {
  const path = `apps/job_statuses/${encodeURIComponent(job)}.json`;
  for (const end = performance.now() + BUILD_MS; performance.now() < end;) {
    const { status, message, app_id: appId = null } = await call(access, Build, "GET", path);
    if (status === "completed") return appId;
    if (status === "failed" || status === "killed")
      throw invalidConfig(`Zendesk did not build the app: ${message ?? status}`);
    await setTimeout(LOOK_MS);
  }
  throw invalidConfig("Zendesk has not built the app within a minute; run the command again");
}

/** A body of JSON, which says what it is. */
function data(body: object): Blob {
  return new Blob([JSON.stringify(body)], { type: "application/json" });
}

/** One call as the admin; the answer is data, or text where it is none. The library knows nothing of apps. */
async function call<Schema extends z.ZodType>(
  { url, token }: AdminAccess,
  schema: Schema,
  method: "GET" | "POST" | "PUT",
  path: string,
  body: FormData | Blob | null = null,
): Promise<z.output<Schema>> {
  const answer = await fetch(`${url.replace(/(?<!\/)\/+$/, "")}/api/v2/${path}`, {
    method,
    headers: { authorization: `Bearer ${token}` },
    ...(body === null ? {} : { body }),
    redirect: "error",
    signal: AbortSignal.timeout(CALL_MS),
  }).catch((cause: unknown) => {
    throw invalidConfig(`Zendesk does not answer about the app: ${reasonOf(cause)}`, { cause });
  });
  const text = await answer.text();
  if (!answer.ok)
    throw invalidConfig(
      `Zendesk refused ${method} ${path} (${answer.status}): ${text.slice(0, 300)}`,
    );
  const isJson = answer.headers.get("content-type")?.includes("json") === true;
  const given: unknown = isJson ? JSON.parse(text) : text;
  return readAs(
    schema,
    given,
    "config.invalid",
    "Zendesk's answer about the app is not known here",
  );
}
