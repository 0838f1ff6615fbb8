/** The command `secrets rotate`. It never prints a value. */

import { type Command, Option } from "commander";
import { z } from "zod";
import { rotateSecret } from "#jobs/operating/rotate-secret.ts";
import { inColumns } from "#core/values/words.ts";
import type { ConfiguredSecret } from "#config/secret.ts";
import {
  type SecretFacts,
  secretFacts,
  type SecretName,
  secretsIn,
} from "#store/db/installation-secrets.ts";
import { personPseudonym } from "#store/people/person-keys.ts";
import { type CommandContext, leadIn, namesInForce, needed } from "./command-parts.ts";

/** Longer tokens are not accepted, whatever is configured. */
const CHAT_HOURS_MAX = 8_760;

/** What a teammate types, and which secret it is. */
const TYPED = {
  "chat-identity": "chatIdentity",
  "mail-links": "mail",
  canary: "canary",
  "audit-names": "audit",
} as const satisfies Record<string, SecretName>;

const TypedName = z.enum(["chat-identity", "mail-links", "canary", "audit-names"]);

/** Adds `secrets rotate`. */
export function addSecretsCommands(program: Command, context: CommandContext): void {
  const { print } = context;
  program
    .command("secrets")
    .description("the secrets this installation uses; no value is ever printed")
    .command("rotate [name]")
    .addOption(new Option("--as <lead>", "address or id of the lead, as in the policy"))
    .description(
      `makes a new secret in place of one that the installation made (${TypedName.options.join(", ")}); requires a lead; without a name, lists every secret with its source, age and generation`,
    )
    .action(async (typed: string | undefined, { as: lead }: { readonly as?: string }) => {
      if (typed === undefined) return print(await secretTable(context));
      const name = TYPED[nameFrom(typed)];
      const by = leadIn(await namesInForce(context), lead);
      print(rotatedText(typed, await rotate(context, name, by)));
    });
}

async function secretTable({ store, clock, configured }: CommandContext): Promise<string> {
  const known = await store.run(secretsIn);
  const own = known === null ? [] : secretFacts(known);
  const now = clock.now();
  return inColumns([
    HEAD,
    ...own.map((facts) => secretRow(facts, now)),
    ...(configured?.() ?? []).map((secret) => configuredRow(secret, now)),
  ]);
}

function rotate(context: CommandContext, name: SecretName, lead: string): Promise<SecretFacts> {
  const { store, clock } = context;
  const personal = needed(
    context.personal,
    "There is no data here, so there is no secret to change.",
  );
  const chatHoursMax = context.chatHoursMax ?? CHAT_HOURS_MAX;
  return store.run(async (transaction) => {
    const by = await personPseudonym(transaction, lead, personal.secret);
    return rotateSecret(transaction, name, { chatHoursMax, by, now: clock.now() });
  });
}

function nameFrom(typed: string): z.infer<typeof TypedName> {
  const name = TypedName.safeParse(typed);
  if (name.success) return name.data;
  throw new Error(
    `'${typed}' is no secret that the installation made; those are ${TypedName.options.join(", ")}. How to change every other one is in docs/secrets.md. Nothing was changed.`,
  );
}

function rotatedText(typed: string, { generation, formerUntil }: SecretFacts): string {
  const until =
    formerUntil === null
      ? "The one before stays accepted, because what was made with it has no end."
      : `The one before is accepted until ${formerUntil.toISOString()}.`;
  return `${typed} has generation ${generation} now. Stop all processes and start them again: each takes it at its next start. ${until}`;
}

const HEAD = ["secret", "source", "generation", "made", "one before accepted until"] as const;

function secretRow(
  { name, generation, madeAt, formerUntil }: SecretFacts,
  now: Date,
): readonly string[] {
  const typed = TypedName.options.find((one) => TYPED[one] === name) ?? name;
  return [
    typed,
    "database",
    String(generation),
    madeAt === null ? "before this was noted" : ageInWords(madeAt, now),
    generation === 1 ? "–" : (formerUntil?.toISOString() ?? "without an end"),
  ];
}

function configuredRow(
  { name, source, writtenAt }: ConfiguredSecret,
  now: Date,
): readonly string[] {
  return [name, source, "–", writtenAt === null ? "–" : ageInWords(writtenAt, now), "–"];
}

function ageInWords(madeAt: Date, now: Date): string {
  const days = Math.max(0, Math.floor((now.getTime() - madeAt.getTime()) / 86_400_000));
  return days === 1 ? "1 day ago" : `${days} days ago`;
}
