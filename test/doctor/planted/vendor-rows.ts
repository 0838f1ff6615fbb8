/** Mistakes at Slack and Zendesk: tokens, scopes, channels, workspaces, roles and secrets. */
import { createHmac } from "node:crypto";
import { DeskhandError } from "#core/values/errors.ts";
import { signatureFindings } from "#doctor/probes.ts";
import { createRejections } from "#server/http/webhook-routes.ts";
import { SCOPES } from "#slack/setup/check-workspace.ts";
import { httpTransport } from "#slack/transport/slack-app.ts";
import { refusal } from "#test/slack/bench.ts";
import { TEAM } from "#test/slack/local-slack.ts";
import { silentLog } from "#test/store/bench.ts";
import { listen } from "#test/support/http-front.ts";
import { deskOf } from "#test/zendesk/read/people.ts";
import { type Mistake, type PlantedBench, type Rows, withParts } from "./bench.ts";

type Answer = ReturnType<typeof refusal>;

/** Slack answers these methods so, until the mistake is taken back. */
function slackSays({ slack }: PlantedBench, answers: Readonly<Record<string, Answer>>): Mistake {
  slack.break((method) => answers[method] ?? null);
  return { mend: () => slack.break(() => null) };
}

function taken(body: object): Answer {
  return { status: 200, body: { ok: true, ...body } };
}

const SELF = { user: "deskhand", team: "OurShop", user_id: "U1", team_id: TEAM, bot_id: "B1" };

const TOKENS: Rows = {
  "a wrong bot token": {
    plant: (bench) => slackSays(bench, { "auth.test": refusal("invalid_auth") }),
    says: /slack bot token: .*invalid_auth/,
    mend: /check SLACK_BOT_TOKEN/,
  },
  "a missing scope": {
    plant: (bench) => {
      const scopes = Object.keys(SCOPES).filter((scope) => scope !== "users:read.email");
      const answer = taken({ ...SELF, response_metadata: { scopes } });
      return slackSays(bench, { "auth.test": answer });
    },
    says: /missing: users:read\.email/,
    mend: /OAuth & Permissions, and install the app again/,
  },
  "a wrong app token": {
    plant: (bench) => slackSays(bench, { "apps.connections.open": refusal("invalid_auth") }),
    says: /slack way in: .*invalid_auth/,
    mend: /check SLACK_APP_TOKEN/,
  },
  "a wrong signing secret": {
    plant: () => {
      const rejections = createRejections(silentLog);
      const { inbound } = httpTransport({ signingSecrets: ["typed wrong"], log: silentLog });
      const body = new TextEncoder().encode('{"type":"event_callback"}');
      const sent = async (): Promise<void> => {
        const time = String(Math.floor(Date.now() / 1_000));
        const signed = createHmac("sha256", "the app's").update(`v0:${time}:`).update(body);
        const headers = {
          "x-slack-request-timestamp": time,
          "x-slack-signature": `v0=${signed.digest("hex")}`,
        };
        await inbound
          .receive({ source: "webhook", headers, body, receivedAt: new Date() })
          .catch((error: unknown) => {
            if (error instanceof DeskhandError) rejections.count("slack", error);
          });
      };
      return {
        look: async () => {
          await sent();
          return signatureFindings(rejections.unverified());
        },
      };
    },
    says: /slack signing secret: 1 request was refused .*not made with the app's secret/,
    mend: /set SLACK_SIGNING_SECRET to the app's signing secret/,
  },
};

const CHANNEL = "conversations.info";

const ROOMS: Rows = {
  "a private channel without the bot": {
    plant: (bench) => slackSays(bench, { [CHANNEL]: refusal("channel_not_found") }),
    says: /approvals channel: the app in “OurShop” does not see C0APPROVALS/,
    mend: /type \/invite @Deskhand in a private channel/,
  },
  "an app of another workspace": {
    plant: (bench) =>
      slackSays(bench, {
        "auth.test": taken({ ...SELF, team: "Somebody's Trial" }),
        [CHANNEL]: refusal("channel_not_found"),
      }),
    says: /alerts channel: the app in “Somebody's Trial” does not see/,
    mend: /if “Somebody's Trial” is not your workspace, take SLACK_BOT_TOKEN and SLACK_APP_TOKEN/,
  },
  "a public channel without the bot": {
    plant: (bench) =>
      slackSays(bench, { [CHANNEL]: taken({ channel: { name: "cards", is_member: false } }) }),
    says: /the app is not in #cards/,
    mend: /\/invite @Deskhand in #cards/,
  },
  "a channel in the archive": {
    plant: (bench) =>
      slackSays(bench, { [CHANNEL]: taken({ channel: { name: "cards", is_archived: true } }) }),
    says: /#cards \(C0APPROVALS\) is archived/,
    mend: /choose another channel/,
  },
  "a channel's name in the place of its id": {
    plant: (bench) => ({
      ...slackSays(bench, { [CHANNEL]: refusal("channel_not_found") }),
      set: { SLACK_APPROVALS_CHANNEL: "approvals" },
    }),
    says: /does not see approvals/,
    mend: /check the id/,
  },
  "a person under another address than in Slack": {
    plant: (bench) => slackSays(bench, { "users.lookupByEmail": refusal("users_not_found") }),
    says: /people of the policy: not in this workspace: .*lea@ourshop\.test/,
    mend: /by the address in their Slack profile/,
  },
};

/** A user of the account is something else than it was made to be, until the mistake is taken back. */
async function userWith(
  { at: { zendesk } }: PlantedBench,
  who: "bot" | "admin",
  [wrong, right]: readonly [wrong: object, right: object],
): Promise<Mistake> {
  const change = (fields: object) => deskOf(zendesk).edit("users", zendesk.users[who], fields);
  await change(wrong);
  return { mend: () => change(right) };
}

const ZENDESK = withParts(["zendesk"], {
  "a wrong Zendesk subdomain": {
    plant: async (_bench, context) => {
      // As Zendesk answers for a name that no account has.
      const nobody = await listen((_request, response) =>
        response.writeHead(404, { "content-type": "text/html" }).end("<title>Help Desk</title>"),
      );
      context.after(nobody.close);
      return { set: { ZENDESK_URL: nobody.url } };
    },
    says: /zendesk writer: .*404/,
    mend: /check ZENDESK_URL/,
  },
  "a wrong secret of the writer": {
    plant: () => ({ set: { ZENDESK_WRITER_CLIENT_SECRET: "typed wrong" } }),
    says: /zendesk writer: .*invalid_client/,
    mend: /the writer's client, secret and scope/,
  },
  "a reader with too small a role": {
    plant: (bench) => userWith(bench, "admin", [{ role: "agent" }, { role: "admin" }]),
    says: /reader may use the incremental export: no: Zendesk answers 403/,
    mend: /needs an admin/,
  },
  "an admin as the writer": {
    plant: (bench) => userWith(bench, "bot", [{ role: "admin" }, { role: "agent" }]),
    says: /the writer is an admin/,
    mend: /Two identities/,
  },
  "a light agent's seat for the bot": {
    plant: (bench) =>
      userWith(bench, "bot", [{ only_private_comments: true }, { only_private_comments: false }]),
    says: /the writer is a light agent/,
    mend: /Two identities/,
  },
  "a wrong secret of the webhook": {
    plant: () => ({ set: { ZENDESK_WEBHOOK_SECRET: "typed wrong" } }),
    says: /webhook secret: is another one than ours/,
    mend: /copy it from the webhook into ZENDESK_WEBHOOK_SECRET/,
  },
  "a group that is not there": {
    plant: () => ({ set: { ZENDESK_GROUP_TIER2: "77" } }),
    says: /group ZENDESK_GROUP_TIER2: there is no group 77/,
    mend: /set ZENDESK_GROUP_TIER2/,
  },
});

export const VENDOR_ROWS: Rows = { ...TOKENS, ...ROOMS, ...ZENDESK };
