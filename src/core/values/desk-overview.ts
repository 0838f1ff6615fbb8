import type { DeskTeammate } from "#core/contracts/approval-desk.ts";

/** An answer for one person alone. Headings are ours; lines may hold anybody's words, and a desk shows them literally. */
export interface TraceSheet {
  readonly sections: readonly { readonly heading: string; readonly lines: readonly string[] }[];
}

/** Why a card looks as it does, and what people did about it. */
export interface Explanation extends TraceSheet {
  /** The card's address in the console, where all of it can be read. */
  readonly link: string;
}

/** Words somebody typed for Deskhand itself, such as `pause chat`. */
export interface DeskCommand {
  /** The same typing delivered twice is one command. */
  readonly commandId: string;
  /** What stands after the command's name. */
  readonly words: string;
  readonly teammate: DeskTeammate;
}

/** A card that waits, as far as a list of them shows it. */
export interface WaitingCard {
  /** No word of the customer's is in it. */
  readonly headline: string;
  /** What has to be read first; none on a card without a risk. */
  readonly flags: readonly string[];
  /** Who looks at it right now, by name; left out while nobody does. */
  readonly claimedBy?: string;
  readonly since: Date;
  readonly expiresAt: Date | null;
  /** Where it stands on the desk, as `post` gave it; null where it does not. */
  readonly ref: string | null;
  /** Its address in the console. */
  readonly link: string;
}

/** What a desk shows one teammate about everything: read from the rows, for people with a role only. */
export interface DeskOverview {
  readonly at: Date;
  /** What stands still and who said so; empty while everything runs. */
  readonly paused: string;
  /** Those with flags first, among them the oldest first. */
  readonly waiting: readonly WaitingCard[];
  readonly waitingCount: number;
  /** Handed to people, and neither answered nor taken by any. */
  readonly untaken: readonly {
    readonly label: string;
    readonly reason: string;
    readonly since: Date;
  }[];
  readonly untakenCount: number;
  /** Since midnight (UTC). */
  readonly today: {
    readonly received: number;
    readonly answered: number;
    readonly escalated: number;
    readonly refunds: number;
    /** One for each currency, such as "25.00 USD". */
    readonly refunded: readonly string[];
  };
}
