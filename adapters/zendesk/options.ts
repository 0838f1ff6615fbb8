import type { Clock, Cursors, Log } from "#core/ports.ts";

/** How this account is reached and what the operator knows about it. */
export interface ZendeskOptions {
  /** Address of the account, such as `https://example.zendesk.com`. */
  readonly url: string;
  /**
   * Bearer token of the bot's own agent: everything is written, and single tickets are read, as this user. Asked
   * before each call, so that a token may be renewed while Deskhand runs.
   */
  readonly writerToken: () => Promise<string>;
  /** Bearer token for the incremental export, which Zendesk allows admins only; used by the poller and nothing else. */
  readonly readerToken: () => Promise<string>;
  /** Signing secret of our webhook, used as it is written ("Verifying webhooks" in Zendesk's reference). */
  readonly webhookSecret: string;
  /** The bot's own user id; left out, it is asked for at start. */
  readonly botUserId?: number;
  readonly groups: { readonly bot: number; readonly tier2: number; readonly sensitive: number };
  /** Ids of the account's ticket fields that a hand-over fills in; those left out are not written. */
  readonly fields?: {
    readonly intent?: number;
    readonly language?: number;
    readonly reason?: number;
  };
  readonly clock: Clock;
  readonly log: Log;
  readonly cursors: Cursors;
  /** Time between two looks at the export, in milliseconds. */
  readonly pollMs: number;
  /** True when the account rejects or flags mail whose sender is not authenticated (SPF, DKIM, DMARC). */
  readonly senderAuthentication: boolean;
  /** Our name for the account's brand. */
  readonly brand: string;
  /** Our names for further brands, by Zendesk's brand id. */
  readonly brands?: Readonly<Record<string, string>>;
  /** How long one call may take, in milliseconds; 15,000 unless told. */
  readonly timeoutMs?: number;
  /** Calls a minute this process may make; 180 unless told, below the 200 of the smallest plan. */
  readonly callsPerMinute?: number;
}
