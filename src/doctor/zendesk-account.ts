/** Finds what Deskhand needs in a Zendesk account, and makes what is missing when an admin's token is there. */

import type { Finding } from "#core/connection/diagnosis.ts";
import { reasonOf } from "#core/values/errors.ts";
import { zendeskClient } from "#zendesk/api/client.ts";
import { MeAnswer } from "#zendesk/api/schema.ts";
import type { ZendeskOptions } from "#zendesk/options.ts";
import { setUpAccount } from "#zendesk/setup/set-up.ts";

type Account = Pick<ZendeskOptions, "url" | "writerToken" | "readerToken" | "clock">;

/** What was found or made. */
interface ArrangedAccount {
  /** A problem for each thing that is still missing; empty when the account is complete. */
  readonly findings: readonly Finding[];
  /** Ids of the groups, and the webhook's secret, by the variables that hold them. */
  readonly variables: Readonly<Record<string, string>>;
  /** What was there, made or changed, one line each. */
  readonly lines: readonly string[];
}

/**
 * Looks through the account with the reader, or with an admin's token; with `apply` it makes what is missing, which
 * only an admin's token may. Ticket fields are a convenience, so a missing one is no problem. Never throws.
 */
export async function arrangeAccount(
  account: Account,
  given: {
    readonly publicUrl: string | null;
    readonly adminToken: string | null;
    readonly apply: boolean;
  },
): Promise<ArrangedAccount> {
  const { publicUrl, adminToken, apply } = given;
  const step = { name: "writer" };
  try {
    const botEmail = await writersAddress(account);
    step.name = adminToken === null ? "reader" : "admin token";
    const { steps, variables } = await setUpAccount({
      url: account.url,
      adminToken: adminToken ?? (await account.readerToken()),
      publicUrl,
      botEmail,
      byTrigger: false,
      apply,
      clock: account.clock,
    });
    return {
      findings: steps
        .filter(({ state, isOptional }) => state.startsWith("would") && isOptional !== true)
        .map(({ what }) => missing(what)),
      variables: Object.fromEntries(variables),
      lines: steps.map(({ what, state }) => `${what}: ${state}`),
    };
  } catch (error) {
    const findings = [refused(step.name, error)];
    // Both secrets may be wrong, and are then named together.
    if (step.name === "writer")
      await account.readerToken().catch((other) => findings.push(refused("reader", other)));
    return { findings, variables: {}, lines: [] };
  }
}

/** The address of the bot's own agent. Throws where the writer cannot sign in. */
async function writersAddress({ url, clock, writerToken }: Account): Promise<string> {
  const calls = { timeoutMs: 10_000, callsPerMinute: 60 };
  const writer = zendeskClient({ url, clock, token: writerToken, ...calls });
  const { user } = await writer.get(["users", "me"], MeAnswer, AbortSignal.timeout(20_000));
  if (user.id === null || !user.email)
    throw new Error(
      "Zendesk answers the writer as “Anonymous user”: its client, secret or scope is wrong",
    );
  return user.email;
}

function missing(what: string): Finding {
  return {
    part: "zendesk",
    check: "account",
    state: "problem",
    found: `missing: ${what}`,
    remedy:
      "give an admin's access token (Admin Center, Apps and integrations, APIs), with which it is made here, or make it by hand: `deskhand init zendesk` prints the list",
  };
}

function refused(check: string, error: unknown): Finding {
  const remedy =
    check === "writer"
      ? "check the writer's client id, secret and scope (read write), and that the bot's own agent authorized it (docs/zendesk.md, OAuth clients)"
      : check === "reader"
        ? "check the reader's client id, secret and scope (read), and that an admin made it (docs/zendesk.md, OAuth clients)"
        : "check that the token is an access token of an admin with the scopes read and write";
  return { part: "zendesk", check, state: "problem", found: reasonOf(error), remedy };
}
