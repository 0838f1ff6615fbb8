/**
 * Room: the corpus of adversarial and honest drafts for the output check.
 * In: corpus files, each with drafts and what was known when they were written.
 * Out: one case for each draft and each choice in it.
 * May touch: the corpus files, for reading.
 * This file: reads and checks the corpus.
 */
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";
import { PlannedAction, type Proposal } from "#core/values/action.ts";
import type { Receipts } from "#core/contracts/guard.ts";
import { JsonObject } from "#core/values/canonical-json.ts";

/** A draft with what was known when it was written. */
export interface ClaimCase {
  /** File, position in it and choice: "adversarial-1:12:0". */
  readonly id: string;
  readonly world: string;
  /** What is wrong with an adversarial draft. */
  readonly why: string;
  readonly text: string;
  readonly receipts: Receipts;
}

/** The date of all drafts. */
const TODAY = new Date("2026-11-20T12:00:00Z");

const Tool = z.strictObject({ tool: z.string(), result: z.json() });

const World = z.strictObject({
  about: z.string(),
  /** Inherits from another world; the fields given here replace inherited ones. */
  extends: z.string().optional(),
  toolResults: z.array(Tool).optional(),
  /** Tool results added to the inherited ones. */
  add: z.array(Tool).default([]),
  passages: z.array(z.string()).optional(),
  actions: z.array(z.string()).optional(),
  escalates: z.boolean().default(false),
  asked: z.string().default(""),
});
type World = z.output<typeof World>;

const Parts = z.strictObject({
  actions: z.record(
    z.string(),
    z.strictObject({
      operation: z.string(),
      arguments: JsonObject,
      /** Minor units paid for the order, when it is about one. */
      paid: z.int().nullable(),
    }),
  ),
  passages: z.record(
    z.string(),
    z.strictObject({ title: z.string(), url: z.string(), text: z.string() }),
  ),
});

const Group = z.strictObject({
  world: z.string(),
  why: z.string().default(""),
  drafts: z.array(z.string().min(1)).min(1),
});

const OrderOfAction = z.looseObject({ orderId: z.string() });
const CurrencyOfAction = z.looseObject({ amount: z.looseObject({ currency: z.string() }) });

/** All drafts from the files of one kind, once for every choice in them. Throws with the file's name for a mistake. */
export function readCases(
  side: "adversarial" | "honest",
  parts: readonly number[],
): readonly ClaimCase[] {
  const worlds = z.record(z.string(), World).parse(yamlOf("worlds.yaml"));
  const known = Parts.parse(yamlOf("receipts.yaml"));
  return parts.flatMap((part) => {
    const file = `${side}-${part}`;
    let place = 0;
    return z
      .array(Group)
      .parse(yamlOf(`${file}.yaml`))
      .flatMap(({ world, why, drafts }) =>
        drafts.flatMap((draft) => {
          place += 1;
          const at = place;
          return choicesOf(draft).map((text, choice) => ({
            id: `${file}:${at}:${choice}`,
            world,
            why,
            text,
            receipts: receiptsOf(world, worlds, known),
          }));
        }),
      );
  });
}

/** "{a|b} c {d|e|f}" gives as many texts as its longest choice has alternatives. */
export function choicesOf(draft: string): readonly string[] {
  const choices = [...draft.matchAll(CHOICE)].map(([, inside = ""]) => inside.split("|"));
  const most = Math.max(1, ...choices.map((options) => options.length));
  return Array.from({ length: most }, (_, at) =>
    draft.replaceAll(CHOICE, (_all, inside: string) => {
      const options = inside.split("|");
      return options[at % options.length] ?? "";
    }),
  );
}

const CHOICE = /\{([^{}]*)\}/g;

/** The drafts of `needs-verifier.yaml`, which no list of words can judge. */
export function textsForVerifier(): ReadonlySet<string> {
  return new Set(z.array(z.string()).parse(yamlOf("needs-verifier.yaml")));
}

function yamlOf(name: string): unknown {
  return parse(readFileSync(new URL(name, import.meta.url), "utf8"));
}

function receiptsOf(
  name: string,
  worlds: Readonly<Record<string, World>>,
  known: z.output<typeof Parts>,
): Receipts {
  const world = worldOf(name, worlds);
  const passages = (world.passages ?? []).map((passage) => {
    const page = known.passages[passage];
    if (page === undefined) throw new Error(`World ${name} names no passage called ${passage}.`);
    return { ...page, id: passage, score: 0.9 };
  });
  const actions = (world.actions ?? []).map((action) => {
    const planned = known.actions[action];
    if (planned === undefined) throw new Error(`World ${name} names no action called ${action}.`);
    return plannedAction(action, planned);
  });
  const proposal: Proposal | null = actions.length === 0 ? null : { actions };
  return {
    toolResults: [...(world.toolResults ?? []), ...world.add],
    passages,
    proposal,
    asked: world.asked,
    requester: {
      level: 2,
      customerId: "u123",
      emailOnFile: "ann@customer.test",
      name: "Ann Fields",
      reason: "DKIM",
    },
    escalates: world.escalates,
    language: null,
    forbidden: [],
    today: TODAY,
  };
}

function worldOf(name: string, worlds: Readonly<Record<string, World>>): World {
  const world = worlds[name];
  if (world === undefined) throw new Error(`There is no world called ${name}.`);
  if (world.extends === undefined) return world;
  return { ...worldOf(world.extends, worlds), ...world };
}

function plannedAction(
  key: string,
  action: z.output<typeof Parts>["actions"][string],
): z.output<typeof PlannedAction> {
  const order = OrderOfAction.safeParse(action.arguments);
  const currency = CurrencyOfAction.safeParse(action.arguments).data?.amount.currency ?? "USD";
  const facts =
    order.success && action.paid !== null
      ? [
          {
            orderId: order.data.orderId,
            customerId: "u123",
            status: order.data.orderId === "456" ? "processing" : "delivered",
            paid: { minor: action.paid, currency },
            refunded: { minor: 0, currency },
            refundCount: 0,
            deliveredOn: order.data.orderId === "456" ? null : "2026-11-08",
          },
        ]
      : [];
  return PlannedAction.parse({
    key,
    action: { target: "shop", operation: action.operation, arguments: action.arguments },
    label: action.operation,
    facts,
  });
}
