/** What a desk shows one teammate: overview, explanation of a card, answer to a command. */
import { z } from "zod";

/**
 * An answer for one person alone. Headings are ours; lines may hold third-party text, and a desk shows them literally.
 */
export interface TraceSections {
  readonly sections: readonly { readonly heading: string; readonly lines: readonly string[] }[];
}

/** Why a card looks as it does, and what people did about it. */
export interface Explanation extends TraceSections {
  /** Tokens, times, steps and ids: for those who run the installation, so a desk shows them on request only. */
  readonly figures: TraceSections["sections"];
  /** The card's address in the console, where all of it can be read. */
  readonly link: string;
}

/** A command typed to Deskhand itself, such as `pause chat`. */
export interface DeskCommand {
  /** The same command delivered twice is one command. */
  readonly commandId: string;
  /** The text after the command's name. */
  readonly words: string;
  readonly teammate: DeskTeammate;
}

/** A waiting card, as far as a list shows it. */
export interface WaitingCard {
  /** Contains none of the customer's text. */
  readonly headline: string;
  /** Why it comes before others, such as anger; left out when nothing does. */
  readonly urgency?: string;
  /** Warnings to read first; none on a card without a risk. */
  readonly flags: readonly string[];
  /** The teammate who has claimed it, by name; left out when unclaimed. */
  readonly claimedBy?: string;
  readonly since: Date;
  readonly expiresAt: Date | null;
  /** The reference `post` returned; null when it is not posted. */
  readonly ref: string | null;
  /** Its address in the console. */
  readonly link: string;
}

/** A case that waits for a person, as far as a list shows it. Name and subject are the customer's own text, masked. */
export interface CaseForPeople {
  readonly conversationId: string;
  readonly name: string;
  readonly subject: string;
  /** Why people have it, in a few words: "legal". */
  readonly reason: string;
  readonly since: Date;
  /** The beginning of the customer's newest message, masked; empty where the policy leaves customers' words out. */
  readonly words: string;
  /** What the customer was told since then, in a sentence. */
  readonly told: string;
  /** When the customer expects an answer, in a sentence. */
  readonly expects: string;
  /** True while no teammate has it by name. */
  readonly canBeTaken: boolean;
  /** Where the team works on it: "Ticket #2". */
  readonly link: { readonly label: string; readonly url: string };
}

/** A desk's overview for one teammate: read from the rows, for people with a role only. */
export interface DeskOverview {
  readonly at: Date;
  /** The team's time zone. */
  readonly zone: string;
  /** What is paused and who paused it; empty while everything runs. */
  readonly paused: string;
  /** Urgent cards and those with flags first, oldest first among them. */
  readonly waiting: readonly WaitingCard[];
  readonly waitingCount: number;
  /** Handed to people, but neither answered nor taken; longest waiting first. */
  readonly untaken: readonly CaseForPeople[];
  readonly untakenCount: number;
  /** Since midnight in the team's zone. */
  readonly today: {
    readonly received: number;
    readonly answered: number;
    readonly toPeople: number;
    readonly refunds: number;
    /** One per currency, such as "25.00 USD". */
    readonly refunded: readonly string[];
  };
}

/** The teammate who pressed a button, as far as the desk can prove it now. */
export const DeskTeammate = z.strictObject({
  id: z.string().min(1),
  name: z.string(),
  email: z.string().nullable(),
  /** External, guest, deactivated and bot users are refused whatever the policy says. */
  eligible: z.boolean(),
  /** Which groups named in the policy they belong to on this desk; left out by a desk without groups. */
  groups: z.array(z.string()).optional(),
  /** From another company that shares a channel with ours: told nothing, and the team is notified of the attempt. */
  outside: z.literal(true).optional(),
});

export type DeskTeammate = z.infer<typeof DeskTeammate>;
