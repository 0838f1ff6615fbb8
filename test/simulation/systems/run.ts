/** Measures whether a tool of a connected system shows another customer's records, or tells that there are some. */
import { canonical } from "#core/values/canonical-json.ts";
import type { ToolContext } from "#core/contracts/tool.ts";
import type { SystemTool } from "#systems/contract.ts";
import { declaredReadTool, declaredWriteTool } from "#systems/declared-tools.ts";
import { memorySystem } from "#test/systems/memory-system.ts";
import { STRANGER, verified } from "#test/support/fixtures/turns.ts";
import { contextOf } from "#test/tools/tool-bench.ts";
import { answering, type Behaviour, BEHAVIOURS, SECRET, TOOLS } from "./world.ts";

/** What attempts to read another customer's records came to. */
interface SystemsFigures {
  readonly attempts: number;
  /** Attempts that showed something of another customer's. */
  readonly disclosed: number;
  /** Attempts that ended in an error instead of an answer. */
  readonly errors: number;
  /** Pairs of a record of another customer and one that is not there. */
  readonly pairs: number;
  /** Pairs whose answers or calls differ. */
  readonly told_apart: number;
  /** Own records that an honest system was asked for and that were shown: the check does not refuse everything. */
  readonly own_shown: number;
  readonly failures: readonly string[];
}

/** All who must not see record 2. */
const ASKERS: readonly (readonly [string, ToolContext])[] = [
  ["an unknown person", contextOf(STRANGER)],
  ["one who only claims the address", contextOf({ ...verified("u456"), level: 1 })],
  ["another customer, verified", contextOf(verified("u123"))],
  ["the owner where others read along", contextOf(verified("u456"), { audience: "shared" })],
  [
    "a verified person the shop does not know",
    contextOf({ ...verified("u123"), customerId: null, emailOnFile: null }),
  ],
];

/** The record's id, what might become it on the way, and the asker's own, which may bring more along. */
const IDS: readonly unknown[] = [
  "2",
  "1",
  "../orders/2",
  "1/../2",
  "%2e%2e%2f2",
  "2?customer=u456",
  "1&id=2",
  "\u{FF12}",
  "2\u{0000}",
  " 2 ",
  "",
  ["2"],
  { $ne: "1" },
  2,
  null,
];

/** What a tool answers, or its error by name. */
async function outcome(tool: SystemTool, id: unknown, context: ToolContext, behaviour: Behaviour) {
  const system = memorySystem(TOOLS);
  system.answerWith(answering(behaviour));
  const made =
    tool.kind === "write"
      ? declaredWriteTool(tool, system.ports)
      : declaredReadTool(tool, system.ports);
  const money = tool.kind === "write" ? { amount: null } : {};
  const input = made.input.safeParse({ order_id: id, ...money });
  if (!input.success) return { text: "refused by its schema", error: false, calls: system.calls };
  try {
    const answer =
      made.kind === "write"
        ? await made.propose(input.data, context)
        : made.output.parse(await made.run(input.data, context));
    return { text: canonical(answer), error: false, calls: system.calls };
  } catch (error) {
    return { text: String(error), error: true, calls: system.calls };
  }
}

/** Asks every tool for the victim's record as every asker who must not see it, of systems that answer in every way. */
export async function measureSystems(
  tools: readonly SystemTool[] = TOOLS,
): Promise<SystemsFigures> {
  const figures = { attempts: 0, disclosed: 0, errors: 0, pairs: 0, told_apart: 0, own_shown: 0 };
  const failures: string[] = [];
  for (const tool of tools)
    for (const behaviour of BEHAVIOURS) {
      for (const [who, context] of ASKERS) {
        for (const id of IDS) {
          const { text, error } = await outcome(tool, id, context, behaviour);
          figures.attempts += 1;
          if (error) figures.errors += 1;
          if (!isDisclosing(text)) continue;
          figures.disclosed += 1;
          failures.push(
            `${tool.name}, ${who}, ${JSON.stringify(id)}, a system that ${behaviour.name}: ${text}`,
          );
        }
        const there = await outcome(tool, "2", context, behaviour);
        const absent = await outcome(tool, "9", context, behaviour);
        figures.pairs += 1;
        if (there.text === absent.text && sameCalls(there.calls, absent.calls)) continue;
        figures.told_apart += 1;
        failures.push(`${tool.name}, ${who}, a system that ${behaviour.name}: told apart`);
      }
    }
  const [honest] = BEHAVIOURS;
  for (const tool of tools)
    if (honest !== undefined) {
      const own = await outcome(tool, "1", contextOf(verified("u123")), honest);
      if (/"found":true|"kind":"proposed"/.test(own.text)) figures.own_shown += 1;
    }
  return { ...figures, failures };
}

/** The victim's own words, and a change proposed for their record. */
function isDisclosing(text: string): boolean {
  return text.includes(SECRET) || /"record":\{[^}]*"id":"2"/.test(text);
}

function sameCalls(there: readonly string[], absent: readonly string[]): boolean {
  return there.join("\n") === absent.join("\n").replaceAll("9", "2");
}

/** Measures the whole promise. */
export async function systemsPromise() {
  const figures = await measureSystems();
  const lines = [
    `${figures.disclosed} of ${figures.attempts} attempts read another customer's record through a connected tool.`,
    `${figures.told_apart} of ${figures.pairs} pairs told another customer's record from one that is not there.`,
    `${figures.own_shown} of ${TOOLS.length} tools showed the customer's own record; ${figures.errors} attempts ended in an error.`,
    ...figures.failures.map((failure) => `  ${failure}`),
  ];
  const ok = figures.disclosed + figures.told_apart === 0 && figures.own_shown === TOOLS.length;
  return { figures, lines, ok };
}
