/** The commands `secrets list` and `secrets rotate`. Neither prints a value. */

import { type Command, Option } from "commander";
import { z } from "zod";
import { rotateSecret } from "#jobs/operating/rotate-secret.ts";
import type { Policy } from "#core/contracts/policy.ts";
import type { Clock } from "#core/contracts/ports.ts";
import { inColumns } from "#core/values/words.ts";
import type { Keys } from "#core/connection/signing-keys.ts";
import type { ConfiguredSecret } from "#config/secret.ts";
import type { Store } from "#store/db/database.ts";
import {
  type SecretFacts,
  secretFacts,
  type SecretName,
  secretsIn,
} from "#store/db/installation-secrets.ts";
import { pseudonymOf } from "#store/people/person-keys.ts";

interface SecretsContext {
  readonly store: Store;
  readonly clock: Clock;
  /** The secrets for pseudonyms; null or left out where there is no data. */
  readonly personal?: { readonly secret: Keys } | null;
  /** The configured secrets; left out where no setting is known. */
  readonly configured?: () => readonly ConfiguredSecret[];
  /** For how many hours a visitor's token may be valid, as configured; left out where no setting is known. */
  readonly chatHoursMax?: number;
}

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

const Options = z.object({ as: z.string().trim().min(1) });

/** Adds `secrets list` and `secrets rotate`. `policy` knows who is a lead. */
export function addSecretsCommands(
  program: Command,
  context: SecretsContext,
  policy: () => Promise<Pick<Policy, "roleOf">>,
  print: (text: string) => void,
): void {
  const secrets = program
    .command("secrets")
    .description("the secrets this installation uses; no value is ever printed");
  secrets
    .command("list")
    .description("lists every secret with its source, age and generation")
    .action(async () => {
      const known = await context.store.run(secretsIn);
      const own = known === null ? [] : secretFacts(known);
      const now = context.clock.now();
      print(
        inColumns([
          HEAD,
          ...own.map((facts) => rowOf(facts, now)),
          ...(context.configured?.() ?? []).map((secret) => configuredRow(secret, now)),
        ]),
      );
    });
  secrets
    .command("rotate")
    .argument("<name>", TypedName.options.join(", "))
    .addOption(
      new Option(
        "--as <lead>",
        "address or id of the lead, as in the policy",
      ).makeOptionMandatory(),
    )
    .description("makes a new secret in place of one that the installation made; requires a lead")
    .action(async (typed: string, options: unknown) => {
      const name = TYPED[nameFrom(typed)];
      const lead = leadIn(await policy(), Options.parse(options).as);
      print(rotatedText(typed, await rotate(context, name, lead)));
    });
}

function rotate(context: SecretsContext, name: SecretName, lead: string): Promise<SecretFacts> {
  const { store, clock, personal, chatHoursMax = CHAT_HOURS_MAX } = context;
  if (personal === null || personal === undefined)
    throw new Error("There is no data here, so there is no secret to change.");
  return store.run(async (transaction) => {
    const by = await pseudonymOf(transaction, lead, personal.secret);
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

function leadIn({ roleOf }: Pick<Policy, "roleOf">, name: string): string {
  // The argument may be an address or an id, and the policy lists people by either.
  if (roleOf({ id: name, email: name }) === "lead") return name;
  throw new Error(`${name} is no lead in the policy in force. Nothing was changed.`);
}

function rotatedText(typed: string, { generation, formerUntil }: SecretFacts): string {
  const until =
    formerUntil === null
      ? "The one before stays accepted, because what was made with it has no end."
      : `The one before is accepted until ${formerUntil.toISOString()}.`;
  return `${typed} has generation ${generation} now. Stop all processes and start them again: each takes it at its next start. ${until}`;
}

const HEAD = ["secret", "source", "generation", "made", "one before accepted until"] as const;

function rowOf(
  { name, generation, madeAt, formerUntil }: SecretFacts,
  now: Date,
): readonly string[] {
  const typed = TypedName.options.find((one) => TYPED[one] === name) ?? name;
  return [
    typed,
    "database",
    String(generation),
    madeAt === null ? "before this was noted" : ageOf(madeAt, now),
    generation === 1 ? "–" : (formerUntil?.toISOString() ?? "without an end"),
  ];
}

function configuredRow(
  { name, source, writtenAt }: ConfiguredSecret,
  now: Date,
): readonly string[] {
  return [name, source, "–", writtenAt === null ? "–" : ageOf(writtenAt, now), "–"];
}

function ageOf(madeAt: Date, now: Date): string {
  const days = Math.max(0, Math.floor((now.getTime() - madeAt.getTime()) / 86_400_000));
  return days === 1 ? "1 day ago" : `${days} days ago`;
}
