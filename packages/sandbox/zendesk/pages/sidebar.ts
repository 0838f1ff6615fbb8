/** The app beside a ticket: signs what opens its page, frames it, and stands in for the framework around it. */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomUUID,
  sign,
} from "node:crypto";
import { readFileSync } from "node:fs";
import type { Router } from "express";
import type { User } from "#sandbox/zendesk/records/account-model.ts";
import type { Desk } from "#sandbox/zendesk/records/desk.ts";
import type { Ticket } from "#sandbox/zendesk/records/ticket-model.ts";
import { type Html, html } from "#server/http/html.ts";

/** The installation of the app in this account. */
const INSTALLATION = 4_900_000_001;

const APP_KEY = "app key";
const TOKEN_LIVES_S = 60;

const FRAMEWORK = readFileSync(new URL("./app-framework.js", import.meta.url), "utf8");

/** The app as it is installed here, under the account's address: what Deskhand has to know of it. The key, as PEM, is the same over restarts. */
export function installedApp(desk: Desk) {
  if (desk.secrets.get(APP_KEY) === undefined) {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
    const value = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    desk.write(() => desk.secrets.put({ id: APP_KEY, value }));
  }
  const publicKey = createPublicKey(appKey(desk)).export({ type: "spki", format: "pem" });
  return {
    installation: INSTALLATION,
    publicKey: publicKey.toString(),
    /** The address of the script that a page of an app loads. */
    script: `${desk.url()}/agent/app-framework.js`,
  };
}

function appKey(desk: Desk): string {
  return desk.secrets.get(APP_KEY)?.value ?? "";
}

/** What Zendesk signs when it opens an app's page for this agent (a JWT, RS256). */
function openingToken(desk: Desk, agent: User): string {
  const issued = Math.floor(desk.now().getTime() / 1_000);
  const account = desk.url();
  const claims = {
    iss: new URL(account).host,
    aud: `${account}/api/v2/apps/installations/${INSTALLATION}.json`,
    sub: `${account}/api/v2/users/${agent.id}.json`,
    jti: randomUUID(),
    iat: issued,
    nbf: issued,
    exp: issued + TOKEN_LIVES_S,
    context: { product: "support", location: "ticket_sidebar", accountUrl: account },
  };
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const signed = `${part({ alg: "RS256", typ: "JWT" })}.${part(claims)}`;
  const signature = sign("sha256", Buffer.from(signed), createPrivateKey(appKey(desk)));
  return `${signed}.${signature.toString("base64url")}`;
}

/** The script of the framework in an app's page, which another site loads. */
export function appScript(router: Router): void {
  router.get("/agent/app-framework.js", (_request, response) => {
    response.set("cross-origin-resource-policy", "cross-origin").type("js").send(FRAMEWORK);
  });
}

/** The frame of the app beside a ticket, and the form that opens its page as Zendesk does; nothing without an app. */
export function appFrame(
  desk: Desk,
  ticket: Ticket,
  agent: User,
  page: string | null,
): Html | false {
  if (page === null) return false;
  const address = new URL(page);
  address.searchParams.set("origin", desk.url());
  address.searchParams.set("app_guid", "deskhand");
  return html`<section class="app" aria-label="Apps">
    <form id="open-app" method="post" action="${address.href}" target="deskhand-app" hidden>
      <input type="hidden" name="token" value="${openingToken(desk, agent)}" />
    </form>
    <iframe
      id="app"
      name="deskhand-app"
      title="Deskhand"
      data-ticket="${ticket.id}"
      data-origin="${address.origin}"
    ></iframe>
    <script src="/agent/app-around.js" defer></script>
  </section>`;
}
