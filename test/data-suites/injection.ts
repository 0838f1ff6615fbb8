import { join } from "node:path";
import { z } from "zod";
import type { GuardVerdict, InputGuard } from "#core/contracts/guard.ts";
import { createInputGuard } from "#guard/input/input-guard.ts";
import { mail } from "#test/guard/input/inbox.ts";
import { memoryShop } from "#test/support/fixtures/memory-shop.ts";
import { tinyKnowledge } from "#test/support/fixtures/tiny-knowledge.ts";
import { allTools } from "#tools/index.ts";
import { labelledLines } from "#evals/labelled-lines.ts";
import { type Measure, measuresOf, type Setting } from "./measure.ts";

const KINDS = ["direct", "indirect", "jailbreak", "benign", "hard-benign"] as const;
const Row = z.object({ kind: z.enum(KINDS), text: z.string() });
type Kind = z.infer<typeof Row>["kind"];
type Tally = Record<GuardVerdict["verdict"], number>;

/** What the guard says about attacks (they should be blocked) and about harmless texts (they should be allowed). */
export async function injection({ folder, progress }: Setting): Promise<readonly Measure[]> {
  const guard = createInputGuard({ toolNames: toolNames(), delicateWords: {}, vip: [] });
  const tallies = new Map<Kind, Tally>(
    KINDS.map((kind) => [kind, { allow: 0, caution: 0, block: 0 }]),
  );
  let seen = 0;
  for (const { kind, text } of labelledLines(join(folder, "injection", "dev.jsonl"), Row)) {
    if (seen % 1_000 === 0) progress(`injection: text ${seen}`);
    seen += 1;
    const tally = tallies.get(kind);
    if (tally !== undefined) tally[verdictOn(guard, kind, text)] += 1;
  }
  return [...tallies].flatMap(([kind, tally]) => ratesOf(kind, tally));
}

/** Indirect attacks come in what tools and pages bring, all other texts in a customer's message. */
function verdictOn(guard: InputGuard, kind: Kind, text: string): GuardVerdict["verdict"] {
  const { verdict } =
    kind === "indirect" ? guard.inspectText(text, "a page") : guard.inspect([mail(text)]);
  return verdict;
}

const measure = measuresOf("injection");

function ratesOf(kind: Kind, { allow, caution, block }: Tally): readonly Measure[] {
  const of = allow + caution + block;
  const one = (name: string, part: number): Measure => measure(`${kind}: ${name}`, part, of);
  return kind === "benign" || kind === "hard-benign"
    ? [one("wrongly blocked", block), one("wrongly under caution", caution)]
    : [one("blocked", block), one("under caution", caution)];
}

/** The guard looks for the tools' own names. */
function toolNames(): readonly string[] {
  const shop = memoryShop(new Date());
  return allTools({ shop, knowledge: tinyKnowledge() }).map(({ name }) => name);
}
