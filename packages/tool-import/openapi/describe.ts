/** Describes one wanted operation: its values, what it does, and what the document leaves open. */
import type {
  FieldDescription,
  OperationDescription,
  ParameterDescription,
  Problem,
  SystemDescription,
} from "#importing/description.ts";
import { answerIn, bodyIn } from "./contents.ts";
import { guessIdempotency } from "./guesses/idempotency.ts";
import { guessIdentity } from "./guesses/identity.ts";
import { guessAbout, guessFind, type Reads, type Write } from "./guesses/links.ts";
import { guessMoney } from "./guesses/money.ts";
import { isNode, listAt, type Node, textAt, valueAt } from "./node.ts";
import type { Listed } from "./operations.ts";
import { parametersIn } from "./parameters.ts";
import { type Reading, freshReading } from "./reading.ts";
import type { References } from "./references.ts";
import { type InspectText, OPERATION_TEXT_MAX } from "./texts.ts";

/** The document an operation stands in. */
export interface Around {
  readonly document: Node;
  readonly operations: readonly Listed[];
  readonly references: References;
  readonly inspect: InspectText;
  readonly security: SystemDescription["security"];
}

const SECURITY_MAX = 10;

/** Describes an operation; null with the reasons when it cannot become a tool. */
export function describeOperation(
  listed: Listed,
  around: Around,
): { readonly operation: OperationDescription | null; readonly problems: readonly Problem[] } {
  const reading = freshReading(listed.at, around);
  const { summary, part } = listed;
  const parameters = parametersIn(listed, reading).filter((one) => !isSignIn(one, around.security));
  const body = bodyIn(listed, reading, () => shownAt(listed, around, reading));
  const answer = answerIn(listed, reading);
  const described = {
    ...summary,
    description: reading.texts.description(textAt(part.node, "description"), OPERATION_TEXT_MAX),
    parameters,
    body,
    answer,
    security: operationSecurity(part.node, around.document),
  };
  const guesses = guessesFor(described, availableReads(around));
  if (summary.kind.value === "read" && answer?.record.type !== "object")
    reading.remark(
      "The document does not say which fields come back, so nothing could be shown.",
      "refused",
    );
  const problems = reading.problems();
  if (problems.some(({ effect }) => effect === "refused")) return { operation: null, problems };
  return { operation: { ...described, guesses }, problems };
}

/** Some documents name the key of the sign-in once more among the parameters; the connection sends it. */
function isSignIn(
  { in: place, field }: ParameterDescription,
  security: SystemDescription["security"],
): boolean {
  return security.some(
    (scheme) =>
      scheme.kind === "api-key" &&
      scheme.in === place &&
      scheme.key.toLowerCase() === field.name.toLowerCase(),
  );
}

type Described = Omit<OperationDescription, "guesses">;

function guessesFor(described: Described, reads: Reads): OperationDescription["guesses"] {
  const { kind } = described;
  const common = { identity: guessIdentity(described), money: guessMoney(described) };
  if (kind.value === "read") return { kind, ...common, idempotency: null, about: null, find: null };
  const write: Write = described;
  const about = guessAbout(write, reads);
  const isMoney = promisesMoney(described, common.money);
  return {
    kind: isMoney ? { value: "money", stated: false } : kind,
    ...common,
    idempotency: guessIdempotency(described),
    about,
    find: guessFind(write, about, reads),
  };
}

/** A change whose body asks for an amount in a currency is about money, whatever it is called. */
function promisesMoney(
  { kind, body }: Described,
  [first]: OperationDescription["guesses"]["money"],
): boolean {
  if (kind.value !== "write" || body === null || first?.in !== "body") return false;
  const [outer] = first.amount.split(".");
  return body.content.fields.some(({ name, required }) => required && outer === name);
}

/** What other operations of the document show. Their own problems are told when they are wanted themselves. */
function availableReads(around: Around): Reads {
  return {
    operations: around.operations.map(({ summary }) => summary),
    answer: (name) => {
      const listed = around.operations.find(({ summary }) => summary.name === name);
      return listed === undefined ? null : answerIn(listed, freshReading(listed.at, around));
    },
  };
}

/** The record that a GET of the same path shows, without what only the system sets. */
function shownAt({ summary }: Listed, around: Around, reading: Reading): FieldDescription | null {
  const read = around.operations.find(
    (one) => one.summary.method === "GET" && one.summary.path === summary.path,
  );
  const record = read === undefined ? null : answerIn(read, reading, "in")?.record;
  return record?.type === "object" ? record : null;
}

function operationSecurity(operation: Node, document: Node): OperationDescription["security"] {
  const stated = valueAt(operation, "security");
  const listed = Array.isArray(stated)
    ? listAt(operation, "security")
    : listAt(document, "security");
  return listed
    .filter(isNode)
    .slice(0, SECURITY_MAX)
    .map((schemes) => Object.keys(schemes).slice(0, SECURITY_MAX))
    .filter((schemes) => schemes.length > 0);
}
