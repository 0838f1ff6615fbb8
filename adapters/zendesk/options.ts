/** Options of the Zendesk channel, and the credentials its calls are made with: tokens of OAuth clients. */

import type { Allowances } from "#core/connection/rate-limit.ts";
import type { Keys } from "#core/connection/signing-keys.ts";
import type { ConnectionBoard } from "#core/connection/connection-board.ts";
import type { StatusAfterReply } from "#core/contracts/policy.ts";
import type { Clock, Cursors, Duties, Log } from "#core/contracts/ports.ts";
import { type CredentialState, renewedToken } from "#core/connection/oauth-token.ts";

/** How to reach the account, and what the operator configures about it. */
export interface ZendeskOptions {
  /** Address of the account, such as `https://example.zendesk.com`. */
  readonly url: string;
  /**
   * The bot's own agent: everything is written, and single tickets are read, as this user. Called before each
   * request, so that a token may be renewed while Deskhand runs.
   */
  readonly writerToken: Credential;
  /** For the incremental export, which Zendesk allows admins only; used by the poller and nothing else. */
  readonly readerToken: Credential;
  /** Signing secret of our webhook, used as it is written ("Verifying webhooks" in Zendesk's reference). */
  readonly webhookSecret: Keys;
  /** The bot's own user id; left out, it is asked for at start. */
  readonly botUserId?: number;
  readonly groups: { readonly bot: number; readonly tier2: number; readonly sensitive: number };
  /** The status of a ticket after our reply, asked before each; `pending` by default. */
  readonly statusAfterReply?: () => StatusAfterReply;
  /** Other programs, and rules that would look like people; none by default. */
  readonly programs?: Programs;
  /** Ids of the account's ticket fields that a hand-over fills in; those left out are not written. */
  readonly fields?: {
    readonly intent?: number;
    readonly language?: number;
    readonly reason?: number;
  };
  readonly clock: Clock;
  readonly log: Log;
  readonly cursors: Cursors;
  /** Which process reads the export; this one does when absent. */
  readonly duties?: Duties | undefined;
  /** Time between two polls of the export, in milliseconds. */
  readonly pollMs: number;
  /** True when the account rejects or flags mail whose sender is not authenticated (SPF, DKIM, DMARC). */
  readonly senderAuthentication: boolean;
  /** User ids of integrations that sign customers in themselves before they file a request for them; none by default. */
  readonly trustedForms?: readonly number[];
  /** Our name for the account's brand where it has only one. */
  readonly brand: string;
  /** Our names for brands, by Zendesk's brand id; with it, tickets of any other brand are left alone. */
  readonly brands?: Readonly<Record<string, string>>;
  /** False leaves the account's macros alone; otherwise the shared ones are passages for answers. */
  readonly macros?: boolean;
  /**
   * Hosts besides the account's own that files may be fetched from, each with everything below it; Zendesk's own by
   * default. No credential is ever sent there.
   */
  readonly attachmentHosts?: readonly string[];
  /** How long one call may take, in milliseconds; 15,000 by default. */
  readonly timeoutMs?: number;
  /**
   * Calls a minute this bot may make, all processes together. By default nine tenths of the limit Zendesk reports, and
   * 180 until it has reported one.
   */
  readonly callsPerMinute?: number | undefined;
  /** Where the account's limits are kept for all processes; left out, this process keeps its own. */
  readonly allowances?: Allowances | undefined;
  /** Where the export reports whether it is read. */
  readonly board?: ConnectionBoard | undefined;
  /** Our app beside the tickets; left out where it is not installed. */
  readonly app?: SidebarApp | undefined;
}

/** The installed app beside the tickets. */
export interface SidebarApp {
  /** The id of its installation. */
  readonly installation: number;
  /** What its pages are signed with: PEM, or its body on one line. */
  readonly publicKey: string;
  /** The address of the app framework's script; Zendesk's own by default. */
  readonly script?: string;
}

/** What reading something else than tickets needs of them. */
export type ReadingOptions = Pick<
  ZendeskOptions,
  "url" | "writerToken" | "timeoutMs" | "clock" | "allowances" | "callsPerMinute"
>;

/** A teammate who adds this tag hands the ticket back. */
export const RESUME_TAG = "bot_resume";

/**
 * The tag of tickets we open for a conversation of another channel. The account's notification triggers skip it: the
 * customer is answered where they wrote, and a mail from Zendesk would be a second copy.
 */
export const LINKED_TAG = "deskhand_linked";

/** What the operator knows about the account's programs and rules. */
export interface Programs {
  /** Users that are programs: what they write is answered a few times only, and no person made their assignments. */
  readonly users: readonly number[];
  /** Ways in that count as automatic besides rules: a channel, a rule's id or title, or how it came about ("rel"). */
  readonly rules: readonly string[];
}

/** For an account without programs. */
export const NO_PROGRAMS: Programs = { users: [], rules: [] };

/**
 * Gives the bearer token for the next call. Given the one Zendesk has just refused (401), it returns another one, or the
 * same when there is no other.
 *
 * Throws `channel.unauthorized` while Zendesk accepts none, `channel.unavailable` when none can be obtained now.
 */
export type Credential = (refused?: string) => Promise<string>;

/** What the log says when Zendesk has refused us for good. */
const REFUSED_LINE = "Zendesk refuses our credential; it is left alone for five minutes";

/** One identity of ours at the account. */
interface OAuthIdentity {
  /** Also its name in the token vault: `zendesk writer`, `zendesk reader`. */
  readonly name: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Space-separated, as the grant asks for it. */
  readonly scope: string;
  /** The first refresh token of the authorization code flow; null for client credentials. */
  readonly refreshToken: string | null;
}

interface OAuthOptions extends Omit<Parameters<typeof renewedToken>[0], "identity"> {
  readonly url: string;
  readonly identity: OAuthIdentity;
}

/** The credential of an identity, renewed before it expires and after a 401, with one exchange for all processes. */
export function oauthCredential({ url, identity, ...rest }: OAuthOptions): {
  readonly credential: Credential;
  readonly standing: CredentialState;
} {
  const { name, clientId, clientSecret, scope, refreshToken } = identity;
  return renewedToken({
    ...rest,
    identity: {
      name,
      endpoint: {
        url: `${url.replace(/(?<!\/)\/+$/, "")}/oauth/tokens`,
        clientId,
        clientSecret,
        scope: refreshToken === null ? scope : null,
      },
      account: url,
      origin: scope,
      refreshToken,
      refreshWords: (said) =>
        `the ${name}'s refresh token was used, revoked or has run out: authorize its OAuth client once more and set the new one (${said})`,
      grantWords: (said) =>
        `Zendesk gives the ${name} no token (${said}): compare ZENDESK_URL with the account, and the OAuth client's identifier and secret with its variables`,
      refusedWords: `Zendesk refuses the ${name}'s token, and the one it was exchanged for (401). Is its user still active, and its OAuth client? \`deskhand doctor\` looks`,
      stopLine: REFUSED_LINE,
    },
  });
}
