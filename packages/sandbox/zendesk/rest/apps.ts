/** The local Zendesk's Apps API: one private app is uploaded, built and installed, and gives its public key. */
import { z } from "zod";
import { invalidAttribute } from "#sandbox/zendesk/http/errors.ts";
import { installedApp } from "#sandbox/zendesk/pages/sidebar.ts";
import type { Desk } from "#sandbox/zendesk/records/desk.ts";
import { type Call, found, get, post, put, type Route } from "./route.ts";

const APP_ID = 4_800_001;
const UPLOAD = "4700001";
const JOB = "ba0cb7c0";

/** The app is there once it was uploaded; what it is called is kept. */
const APP_NAME = "app name";
const INSTALLED = "app installed";

const kept = (desk: Desk, id: string): string | null => desk.secrets.get(id)?.value ?? null;
const keep = (desk: Desk, id: string, value: string): void =>
  desk.write(() => desk.secrets.put({ id, value }));

const Archive = z.instanceof(Buffer);
const Build = z.object({ upload_id: z.coerce.string(), name: z.string().optional() });
const Install = z.object({ app_id: z.number(), settings: z.object({ name: z.string() }) });

function build({ desk, parsed }: Call) {
  const { upload_id, name } = parsed(Build);
  if (upload_id !== UPLOAD) throw invalidAttribute("there is no such upload");
  if (name !== undefined) keep(desk, APP_NAME, name);
  return { status: 202, body: { job_id: JOB } };
}

/** What an admin does with a private app. */
export const APP_ROUTES: readonly Route[] = [
  post("/apps/uploads", "admin", ({ body }) => {
    // A form with the file in it, whose bytes are a ZIP archive with the manifest (APPNOTE 4.3.7).
    const bytes = Archive.safeParse(body).data?.toString("latin1") ?? "";
    if (!bytes.includes('name="uploaded_data"') || !bytes.includes("PK\u0003\u0004"))
      throw invalidAttribute("uploaded_data is no archive");
    return { status: 201, body: { id: Number(UPLOAD) } };
  }),
  get("/apps/owned", "admin", ({ desk }) => {
    const name = kept(desk, APP_NAME);
    return { body: { apps: name === null ? [] : [{ id: APP_ID, name }] } };
  }),
  post("/apps", "admin", build),
  put("/apps/:id", "admin", build),
  get("/apps/job_statuses/:id", "admin", () => ({
    body: { status: "completed", message: "", app_id: APP_ID },
  })),
  get("/apps/installations", "admin", ({ desk }) => ({
    body: {
      installations:
        kept(desk, INSTALLED) === null
          ? []
          : [{ id: installedApp(desk).installation, app_id: APP_ID, enabled: true }],
    },
  })),
  post("/apps/installations", "admin", ({ desk, parsed }) => {
    parsed(Install);
    keep(desk, INSTALLED, "yes");
    return { status: 201, body: { id: installedApp(desk).installation, app_id: APP_ID } };
  }),
  get("/apps/:id/public_key.pem", "admin", (call) => {
    found(call.id() === APP_ID ? call.desk : undefined);
    return { text: installedApp(call.desk).publicKey };
  }),
];
