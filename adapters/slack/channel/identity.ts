/** Evidence about who wrote a Slack message. */

import { claimedIdentity, type IdentityEvidence, unknownIdentity } from "#core/values/identity.ts";
import { isActivePerson, isFromOutside, isGuest, isOwnMember } from "#slack/api/users.ts";
import type { SlackUser } from "#slack/api/schema.ts";

/** Trusted mail domains, by workspace or Enterprise organisation. */
export type TrustedWorkspaces = ReadonlyMap<string, ReadonlySet<string>>;

/** Evidence about the writer. Missing evidence is never taken for proof. */
export function identityOf(
  user: SlackUser | null,
  userTeam: string | null,
  { home, trusted }: { readonly home: string; readonly trusted: TrustedWorkspaces },
): IdentityEvidence {
  const email = user?.profile?.email ?? null;
  const claimed = (reason: string): IdentityEvidence => claimedIdentity(reason, email);
  if (user === null) return unknownIdentity("Slack does not say who wrote this.");
  if (isFromElsewhere(user, userTeam, home))
    return (
      trustedMember(user, userTeam, { home, trusted }) ??
      claimed("Member of another Slack workspace.")
    );
  if (isGuest(user)) return claimed("Guest of this Slack workspace.");
  if (!isOwnMember(user, home)) return claimed("Not an active member of this Slack workspace.");
  if (email === null) return claimed("Member of this Slack workspace without a visible e-mail.");
  return {
    level: 2,
    method: "slack-workspace",
    reason: `Member of this Slack workspace with the e-mail address ${email}.`,
    handle: { kind: "email", email },
  };
}

/** A user without proof of belonging to the home workspace counts as from elsewhere. */
function isFromElsewhere(user: SlackUser, userTeam: string | null, home: string): boolean {
  const named = userTeam !== null && userTeam !== home;
  return named || user.team_id !== home || user.is_stranger === true;
}

/**
 * A Slack Connect member the operator trusts: both the workspace and the domain of the address are on the list, and
 * nothing from Slack contradicts it. Null for all others.
 */
function trustedMember(
  user: SlackUser,
  userTeam: string | null,
  { home, trusted }: { readonly home: string; readonly trusted: TrustedWorkspaces },
): IdentityEvidence | null {
  // A user marked `is_stranger` shares no channel with us, so no teammate invited them.
  const isKnown = isActivePerson(user) && user.is_stranger !== true && isFromOutside(user, home);
  const from = [user.team_id, user.enterprise_user?.enterprise_id].filter((id) => id != null);
  // The message and the directory must name the same workspace for the writer.
  if (!isKnown || (userTeam !== null && !from.includes(userTeam))) return null;
  const email = user.profile?.email ?? "";
  const domain = domainOf(email);
  const workspace = from.find((id) => domain !== null && trusted.get(id)?.has(domain));
  if (workspace === undefined) return null;
  return {
    level: 2,
    method: "slack-connect",
    reason: `Member of the Slack workspace ${workspace} with the e-mail address ${email}; both are on the operator's list.`,
    handle: { kind: "email", email },
  };
}

/** The domain of a plain address in lower case; null for an ambiguous address. */
function domainOf(email: string): string | null {
  const [, domain] = /^[\w.!#$%&'*+/=?^`{|}~-]+@([a-z0-9-]+(?:\.[a-z0-9-]+)+)$/i.exec(email) ?? [];
  return domain?.toLowerCase() ?? null;
}
