/** What a document leaves open, as questions in plain words. Answers that are only suggested by names are asked too. */
import {
  type OperationDescription,
  placeText,
  type Question,
  type SystemDescription,
} from "#importing/description.ts";
import { snakeCase } from "./words.ts";

type Described = Omit<OperationDescription, "questions" | "problems">;
type Choice = Question["choices"][number];

/** About the system as a whole. */
export function systemQuestions({
  servers,
  security,
}: Pick<SystemDescription, "servers" | "security">): readonly Question[] {
  return [...serverQuestion(servers), ...securityQuestion(security)];
}

function serverQuestion(servers: SystemDescription["servers"]): readonly Question[] {
  if (servers.length === 1 && servers[0]?.isTest === false) return [];
  const choices = servers.map(({ url, description, isTest }) => ({
    value: url,
    says: [url, description, isTest ? "(for trying things out)" : ""]
      .filter((part) => part !== "")
      .join(" "),
  }));
  return [
    {
      id: "system.server",
      asks:
        choices.length === 0
          ? "The document names no server. At which address is the system?"
          : "Which of these addresses is yours? Another address may be given too.",
      choices,
      default: servers.find(({ isTest }) => !isTest)?.url ?? null,
    },
  ];
}

function securityQuestion(security: SystemDescription["security"]): readonly Question[] {
  const usable = security.filter(({ kind }) => kind !== "unsupported");
  if (usable.length === 1) return [];
  const choices = usable.map(({ name, kind, description }) => ({
    value: name,
    says: `${name}: ${kind}${description === "" ? "" : `, ${description}`}`,
  }));
  return [
    {
      id: "system.security",
      asks:
        choices.length === 0
          ? "The document names no way to sign in that a tool can use. Is none needed?"
          : "How do you sign in to the system?",
      choices: [...choices, { value: "none", says: "no sign-in is needed" }],
      default: usable[0]?.name ?? null,
    },
  ];
}

/** About one operation. */
export function operationQuestions(operation: Described): readonly Question[] {
  return [
    ...kindQuestion(operation),
    ...customerQuestion(operation),
    ...variantQuestion(operation),
    ...unitQuestion(operation),
    ...keyQuestion(operation),
    ...headerQuestions(operation),
  ];
}

const KINDS: readonly Choice[] = [
  { value: "read", says: "it only looks something up" },
  { value: "write", says: "it changes something" },
  { value: "money", says: "it moves money or promises it" },
  { value: "account", says: "it gives, changes or ends a user's access" },
];

function kindQuestion({ name, guesses: { kind } }: Described): readonly Question[] {
  if (kind.stated) return [];
  return [
    {
      id: `${name}.kind`,
      asks: `What does ${name} do? ${kind.because}`,
      choices: KINDS,
      default: kind.value,
    },
  ];
}

/** A write about a record that can be read is proven by the tool that reads it. */
function customerQuestion({ name, guesses }: Described): readonly Question[] {
  if (guesses.kind.value !== "read" && guesses.about !== null) return [];
  const places = guesses.identity.map(({ value, because }) => ({
    value: placeText(value),
    says: because,
  }));
  return [
    {
      id: `${name}.customer`,
      asks: `How is what ${name} is about proven to be the requester's?`,
      choices: [...places, { value: "none", says: "it is not about a customer at all" }],
      default: places[0]?.value ?? null,
    },
  ];
}

function variantQuestion({ name, body }: Described): readonly Question[] {
  const variants = body?.variants ?? [];
  if (variants.length === 0) return [];
  return [
    {
      id: `${name}.variant`,
      asks: `${name} takes one of several forms. Which one does the tool send?`,
      choices: variants.map(({ name: value, content }) => ({
        value,
        says: content.fields
          .slice(0, 6)
          .map((field) => field.name)
          .join(", "),
      })),
      default: null,
    },
  ];
}

/** Only money that moves is counted in the policy's limits, so only there the unit has to be known. */
function unitQuestion({ name, guesses: { money, kind } }: Described): readonly Question[] {
  const [first] = money;
  const moves = kind.value === "money" || (kind.value !== "read" && first?.value.in === "body");
  if (first === undefined || first.stated || !moves) return [];
  return [
    {
      id: `${name}.unit`,
      asks: `In which unit is ${first.value.amount} of ${name}? ${first.because}`,
      choices: [
        { value: "minor", says: "whole cents: 1250 for 12.50" },
        { value: "decimal", says: "as people write it: 12.50" },
      ],
      default: first.value.unit,
    },
  ];
}

function keyQuestion({ name, guesses: { idempotency } }: Described): readonly Question[] {
  if (idempotency === null || idempotency.stated) return [];
  const { value } = idempotency;
  return [
    {
      id: `${name}.key`,
      asks:
        `By which header or field does the system know a repeated ${name}? ${idempotency.because} ` +
        "Its documentation may say more: answer header:NAME, field:NAME or none.",
      choices: [],
      default: value.by === "none" ? "none" : `${value.by}:${value.name}`,
    },
  ];
}

/** Headers that are the same with every request, such as the number of your shop. */
function headerQuestions({ parameters, guesses }: Described): readonly Question[] {
  const key = guesses.idempotency?.value;
  return parameters
    .filter(({ in: place, field }) => place === "header" && field.required)
    .filter(({ field }) => key?.by !== "header" || key.name !== field.name)
    .map(({ field }) => ({
      id: `system.header.${snakeCase(field.name)}`,
      asks: `Every request needs the header ${field.name}. What is its value? ${field.description}`.trim(),
      choices: field.enum.map((value) => ({ value: String(value), says: String(value) })),
      default: null,
    }));
}
