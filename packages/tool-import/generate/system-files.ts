/** Writes what all tools of a system share: the connection, the list of tools, and lines for the policy. */
import type { ToolPin } from "#systems/contract.ts";
import { comment, type Literal, literalOf } from "./literal.ts";
import { constantName, fileName, policyOperation } from "./names.ts";
import type { PlannedConnection, PlannedToolOfAnyKind } from "./plan.ts";
import { requestLiteral } from "./request-literal.ts";
import { testFile } from "./test-file.ts";
import { toolFile } from "./tool-file.ts";

const WIDTH = 118;
/** A customer waits for the answer, and a worker holds their conversation meanwhile. */
const TIMEOUT_MS = 15_000;
/** Far above any single record or page of them. */
const ANSWER_BYTES_MAX = 2_000_000;

/** What of a tool the list and the policy need; kept between imports. */
export interface ListedTool {
  readonly name: string;
  readonly operation: string;
  readonly kind: "read" | "write" | "money" | "account";
  /** An amount of the input that moves; null where none does. */
  readonly amount: string | null;
  readonly hasFind: boolean;
}

export function listed(tool: PlannedToolOfAnyKind): ListedTool {
  const { name, operation } = tool;
  return tool.kind === "read"
    ? { name, operation, kind: "read", amount: null, hasFind: true }
    : {
        name,
        operation,
        kind: tool.risk,
        amount: tool.money?.amount ?? null,
        hasFind: tool.find.by !== "nothing",
      };
}

/** Every file, by name, before they are formatted. `all` are the tools of the folder, earlier ones too. */
export function systemFiles(
  connection: PlannedConnection,
  tools: readonly PlannedToolOfAnyKind[],
  all: readonly ListedTool[],
): ReadonlyMap<string, string> {
  return new Map([
    ["connection.ts", connectionFile(connection)],
    ...tools.map(
      (tool) => [`${fileName(tool.name)}.ts`, toolFile(tool, connection.document)] as const,
    ),
    ...tools.flatMap((tool) => {
      const text = testFile(tool, tools);
      return text === null ? [] : [[`${fileName(tool.name)}.test.ts`, text] as const];
    }),
    ["index.ts", indexFile(connection, all)],
    ["policy.yaml", policyFile(connection, all)],
  ]);
}

function connectionFile(connection: PlannedConnection): string {
  const {
    name,
    document,
    addressFrom,
    address,
    authentication,
    headers,
    perMinute,
    pins,
    customer,
  } = connection;
  const value: Literal = {
    name,
    addressFrom,
    address,
    authentication: { ...authentication },
    headers: Object.keys(headers).length === 0 ? undefined : { ...headers },
    limits: { timeoutMs: TIMEOUT_MS, answerBytesMax: ANSWER_BYTES_MAX, perMinute },
    mcp: pins === null ? undefined : { tools: pinsLiteral(pins) },
    customer: customer === null ? undefined : customerLiteral(customer),
  };
  return [
    comment(
      [
        `The connection to ${name}: where it is, how it is asked, and what it is spared. Made from ${document}.`,
      ],
      WIDTH,
    ),
    'import type { Connection } from "#systems/contract.ts";',
    "",
    `export const connection: Connection = ${literalOf(value)};`,
    "",
  ].join("\n");
}

function pinsLiteral(pins: Readonly<Record<string, ToolPin>>): Literal {
  return Object.fromEntries(Object.entries(pins).map(([tool, pin]) => [tool, { ...pin }]));
}

function customerLiteral({
  request,
  records,
  id,
  email,
}: NonNullable<PlannedConnection["customer"]>): Literal {
  return { request: requestLiteral(request), records, id, email };
}

function indexFile({ name }: PlannedConnection, all: readonly ListedTool[]): string {
  const sorted = [...all].sort((left, right) => (left.name < right.name ? -1 : 1));
  return [
    comment([`All tools of ${name}.`], WIDTH),
    'import type { SystemTool } from "#systems/contract.ts";',
    ...sorted.map(
      (tool) => `import { ${constantName(tool.name)} } from "./${fileName(tool.name)}.ts";`,
    ),
    "",
    `export const tools: readonly SystemTool[] = [${sorted.map((tool) => `\n${constantName(tool.name)},`).join("")}\n];`,
    "",
  ].join("\n");
}

/** Only our own words and checked names stand in this file, so that nothing of a document can change a policy. */
function policyFile({ folder }: PlannedConnection, all: readonly ListedTool[]): string {
  const writes = all.filter(({ kind }) => kind !== "read");
  const head = [
    `# Lines for the policy: what the tools in tools/${folder} may change. Copy them under \`operations\`.`,
    "# Each asks a person. A promotion is a rule above it, as the policy file itself explains.",
  ];
  if (writes.length === 0)
    return `${head.join("\n")}\n# These tools only look things up, so there is nothing to copy.\n`;
  return `${[...head, "operations:", ...writes.flatMap(ruleLines)].join("\n")}\n`;
}

function ruleLines({ name, kind, amount, hasFind }: ListedTool): readonly string[] {
  return [
    `  ${policyOperation(name)}:`,
    "    level: 2",
    "    rules:",
    ...(amount === null
      ? []
      : [
          "      # Small amounts could happen by themselves; limits say how often:",
          "      # - name: small",
          "      #   verdict: allow",
          "      #   up_to: 10.00",
          "      #   reason: Small amounts are paid back at once.",
        ]),
    ...(hasFind
      ? []
      : [
          "      # A lost answer cannot be found out here, so people have to decide: never `allow` this.",
        ]),
    "      - name: every",
    "        verdict: ask",
    `        reason: ${REASONS[kind]}`,
  ];
}

const REASONS = {
  read: "",
  write: "Every such change is approved by a person.",
  money: "Every movement of money is approved by a person.",
  account: "Every change of an account is approved by a person.",
};
