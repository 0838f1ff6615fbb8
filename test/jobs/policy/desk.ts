/** A desk in this process, and the people at it as Slack and the console prove them. */
import type { ApprovalDesk, Card, DeskTeammate } from "#core/contracts/approval-desk.ts";
import { DeskhandError } from "#core/values/errors.ts";

/** People of the sample company as each desk proves them. */
export const PEOPLE = {
  sam: slackMember("U0SAM", "Sam Ortiz", "sam@ourshop.test"),
  lea: slackMember("U0LEA", "Lea Brandt", "lea@ourshop.test"),
  lee: slackMember("U0LEE", "Lee Novak", "lee@ourshop.test"),
  ned: slackMember("U0NED", "Ned", "ned@ourshop.test"),
} as const;

/** A person in Slack; without an address where the workspace does not show it. */
export function slackMember(id: string, name: string, email: string | null): DeskTeammate {
  return { id, name, email, eligible: true };
}

/** The same person, signed in to the console by a link. */
export function atConsole({ name, email }: DeskTeammate): DeskTeammate {
  const address = (email ?? "").toLowerCase();
  return { id: `console:${address}`, name, email: address, eligible: true };
}

/** A desk in this process: what a team would see, as data. */
export interface KeptDesk extends ApprovalDesk {
  /** The newest state of every card by its id, in the order they were posted. */
  readonly cards: Map<string, Card>;
  readonly notices: { readonly text: string; readonly people: readonly string[] }[];
  /** How often it was asked to tell something, whether or not it had told it before. */
  notified: number;
  /** While true nothing reaches it. */
  away: boolean;
}

export function keptDesk(): KeptDesk {
  const cards = new Map<string, Card>();
  const notices: { text: string; people: readonly string[] }[] = [];
  const told = new Set<string>();
  const desk: KeptDesk = {
    name: "desk",
    supports: ["alert"],
    cards,
    notices,
    notified: 0,
    away: false,
    commit: async (_action, key) => ({ ref: key, conversationKeys: [] }),
    find: async () => ({ state: "absent" }),
    async post(card) {
      reach();
      cards.set(card.approvalId, card);
      return `kept:${card.approvalId}`;
    },
    async update(_ref, card) {
      reach();
      cards.set(card.approvalId, card);
    },
    async notify(text, people, key) {
      reach();
      desk.notified += 1;
      if (!told.has(key)) notices.push({ text, people });
      told.add(key);
    },
    groupsOf: async () => [],
    start: async () => undefined,
    stop: async () => undefined,
  };
  function reach(): void {
    if (desk.away) throw new DeskhandError("channel.unavailable", "the desk is away");
  }
  return desk;
}
