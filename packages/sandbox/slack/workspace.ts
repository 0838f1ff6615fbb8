/** The sample company's Slack: who is in it, which channels it has, and as whom Deskhand speaks there. */
import { CUSTOMERS, TEAM } from "#sandbox/world.ts";

/** Ids as Slack's look: a letter for the kind, then capitals and digits. They are the same in every run. */
export const IDS = {
  team: "T0OURSHOP",
  app: "A0DESKHAND",
  bot: "U0DESKHAND",
  sam: "U0SAMORTIZ",
  lea: "U0LEAWINTER",
  ned: "U0NEDFROST",
  ann: "U0ANNFIELDS",
  approvals: "C0APPROVALS",
  alerts: "C0ALERTS",
  help: "C0HELPDESK",
} as const;

/** The sandbox's Slack checks none of these; they only have the form that Bolt and a reader expect. */
export const CREDENTIALS = {
  botToken: "xoxb-deskhand-sandbox",
  appToken: "xapp-deskhand-sandbox",
  signingSecret: "deskhand-sandbox-signing-secret",
} as const;

/** Sam supports, Lea leads, Ned has no role, and Ann is a customer who also is a member. */
export const MEMBERS = {
  sam: { ...TEAM.sam, id: IDS.sam },
  lea: { ...TEAM.lea, id: IDS.lea },
  ned: { ...TEAM.ned, id: IDS.ned },
  ann: { ...CUSTOMERS[0], id: IDS.ann },
} as const;

/**
 * The workspace as local-slack's --config takes it. Ned can see the approvals channel, so that one can try what
 * happens when a member without a role presses a button. A slash command needs no entry: what a member types
 * after "/" goes to the only app there is.
 */
export function workspaceConfig(requestUrl: string | null): object {
  const members = [IDS.bot, IDS.sam, IDS.lea, IDS.ned, IDS.ann];
  const team = members.filter((id) => id !== IDS.ann);
  return {
    workspace: { name: "OurShop", domain: "ourshop", teamId: IDS.team },
    apps: [
      {
        appId: IDS.app,
        botUserId: IDS.bot,
        botName: "Deskhand",
        ...(requestUrl === null ? { mode: "socket" } : { mode: "events", requestUrl }),
        ...CREDENTIALS,
      },
    ],
    users: Object.entries(MEMBERS).map(([name, { id, name: real_name, email }]) => ({
      id,
      name,
      real_name,
      email,
      tz: "UTC",
    })),
    channels: [
      {
        id: IDS.approvals,
        name: "approvals",
        members: team,
        topic: "Drafts and actions that wait for a person",
      },
      { id: IDS.alerts, name: "alerts", members: team, topic: "What needs a person now" },
      { id: IDS.help, name: "help", members: members, topic: "Ask Deskhand" },
    ],
  };
}
