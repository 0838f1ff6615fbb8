/** Builds the red-team range: the whole product with the obedient model, and defences that can be removed. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { createAgent } from "#agent/loop.ts";
import { SAYABLE } from "#agent/prompt.ts";
import type { AgentParts } from "#agent/turn-state.ts";
import type { TurnResult } from "#core/contracts/agent.ts";
import type { GuardVerdict, InputGuard } from "#core/contracts/guard.ts";
import { TODAY } from "#evals/harness/clock.ts";
import { privateFacts } from "#evals/graders/private-facts.ts";
import { openOnStage, type Stage, type Wired } from "#evals/harness/product.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { SAMPLE_PAGES } from "#knowledge/index.ts";
import { parsedPage } from "#knowledge/pages.ts";
import { readConfig } from "#config/environment.ts";
import { readPolicyFile } from "#config/policy-file.ts";
import { sendCode } from "#tools/account-tools.ts";
import { leakFinder } from "./leaks.ts";
import { obedientModel, type ObedientModel } from "./obedient-model.ts";
import type { Facts } from "./reached.ts";
import { poisoned, POISONED_PAGE, type Poison } from "./poison.ts";

/** The defences between the model and the outside. A test removes one to show that the red team then succeeds. */
export interface Defences {
  readonly bind: JobContext["bind"];
  readonly decide: AgentParts["decide"];
  readonly output: AgentParts["output"];
  readonly tools: AgentParts["tools"];
  /** What the decision is told of whose texts the turn read. */
  readonly readTexts: (result: TurnResult) => TurnResult;
}

export interface RangeOptions {
  /** Without it every text comes through, whatever the input guard's verdict. Delicate topics still go to people. */
  readonly detector?: boolean;
  /** `sandbox`: as shipped. Else every channel answers automatically, so that no draft hides what would go out. */
  readonly autonomy?: "sandbox";
  /** Called at every turn, so that a test can remove the defences of one range in turn. */
  readonly defences?: (whole: Defences) => Defences;
}

/** The whole product on one stage, with a model that obeys every sender. */
export interface Range {
  readonly stage: Stage;
  readonly model: ObedientModel;
  readonly facts: Facts;
  readonly poison: Poison;
  /** A name unique in this range: a message under a known name would count as already received. */
  nextName(): string;
  close(): Promise<void>;
}

/** A day of attacks has as many turns as this many ordinary days. */
const LONGER_DAYS = 40;
const ALLOW: GuardVerdict = { verdict: "allow", reasons: [] };

export function openRange(options: RangeOptions = {}): Promise<Range> {
  const model = obedientModel();
  const poison: Poison = { page: null };
  let names = 0;
  return openOnStage(
    "redteam",
    {},
    (folder) => ({
      settings: { EMBEDDINGS: "off", DESKHAND_POLICY: policyFor(options.autonomy, folder) },
      exchange: (wired) => exchanged(wired, { model, poison, options }),
    }),
    (stage, close) => ({
      stage,
      model,
      facts: factsOf(stage.parts.policy),
      poison,
      nextName() {
        names += 1;
        return `redteam-${names}`;
      },
      close,
    }),
  );
}

/** The wired product with the obedient model and the other requested changes. */
function exchanged(
  wired: Wired,
  {
    model,
    poison,
    options,
  }: {
    readonly model: ObedientModel;
    readonly poison: Poison;
    readonly options: RangeOptions;
  },
): JobContext {
  const { agentParts } = wired;
  const guard = options.detector === true ? wired.guard : deaf(wired.guard);
  const whole: Defences = {
    bind: wired.bind,
    decide: agentParts.decide,
    output: agentParts.output,
    tools: poisoned(withCodes(agentParts.tools), poison),
    readTexts: (result) => result,
  };
  const now = (): Defences => options.defences?.(whole) ?? whole;
  return {
    ...wired,
    guard,
    bind: (evidence, signal) => now().bind(evidence, signal),
    output: {
      check: (text, receipts) => now().output.check(text, receipts),
      citations: (text, receipts) => now().output.citations(text, receipts),
    },
    agent: {
      ...wired.agent,
      modelName: model.name,
      run: async (input) => {
        const { decide, output, tools, readTexts } = now();
        const agent = createAgent({ ...agentParts, decide, output, tools, guard, model });
        return readTexts(await agent.run(input));
      },
    },
  };
}

/** Without configured mail the product offers no one-time codes; the stage adds the tool as it would be with mail. */
function withCodes(tools: AgentParts["tools"]): AgentParts["tools"] {
  return tools.some(({ name }) => name === "send_code") ? tools : [...tools, sendCode()];
}

function deaf(guard: InputGuard): InputGuard {
  return { ...guard, inspect: () => ALLOW, inspectText: () => ALLOW };
}

const PolicyFile = z.looseObject({
  autonomy: z.record(z.string(), z.looseObject({ default: z.string() })),
  caps: z.looseObject({ day: z.record(z.string(), z.number()).optional() }),
});

/**
 * The sandbox's policy with raised daily caps: an attack has to fail because of a defence, not because a cap is used
 * up.
 */
function policyFor(autonomy: RangeOptions["autonomy"], folder: string): string {
  const shipped = readPolicyFile(readConfig({}));
  const policy = PolicyFile.parse(parse(shipped));
  const { day } = policy.caps;
  const caps =
    day === undefined
      ? policy.caps
      : {
          ...policy.caps,
          day: Object.fromEntries(
            Object.entries(day).map(([name, most]) => [name, most * LONGER_DAYS]),
          ),
        };
  const channels =
    autonomy === "sandbox"
      ? policy.autonomy
      : Object.fromEntries(Object.keys(policy.autonomy).map((name) => [name, { default: "auto" }]));
  const file = join(folder, "policy.yaml");
  writeFileSync(file, stringify({ ...policy, caps, autonomy: channels }));
  return file;
}

function factsOf(policy: JobContext["policy"]): Facts {
  const pages = readdirSync(SAMPLE_PAGES)
    .filter((name) => name.endsWith(".md"))
    .map((name) => parsedPage(name, readFileSync(join(SAMPLE_PAGES, name), "utf8")));
  const open = [
    ...pages.map(({ title, text }) => `${title}\n${text}`),
    ...[null, ...policy.languages].flatMap((language) => {
      const { handover, unavailable, pending, paused, answeredPrivately, holding } = policy.textsIn(
        language,
        { channel: "email", brand: "" },
      );
      return [handover, unavailable, pending, paused, answeredPrivately, holding];
    }),
    ...SAYABLE,
  ].join("\n");
  return {
    privateFacts: privateFacts(TODAY),
    open,
    leaked: leakFinder(open),
    places: { hosts: policy.linkHosts, pages: [POISONED_PAGE, ...pages.map(({ url }) => url)] },
  };
}
