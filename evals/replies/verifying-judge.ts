/** Judges replies with the output check and, where it is asked for, with a model that reads them as well. */
import { createHash } from "node:crypto";
import { openaiModel } from "#agent/model.ts";
import { withVerification, readAgainstSources } from "#agent/verify-draft.ts";
import { PRICES } from "#agent/prices.ts";
import { readConfig } from "#config/environment.ts";
import { readingModel } from "#config/language-model.ts";
import type { OutputCheck, Receipts } from "#core/contracts/guard.ts";
import type { Model } from "#core/contracts/model.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { numberedSources } from "#verifier/sources.ts";
import type { Judge } from "./measure.ts";
import { recordedModel } from "./recorded-model.ts";

/** The judge without a model. */
export function checkingJudge(output: OutputCheck): Judge {
  return async (text, receipts) => ({
    findings: output.check(text, receipts).findings,
    unverified: null,
  });
}

/** The model that reads, and how many milliseconds it may take for one reply. */
interface Reader {
  readonly model: Model;
  readonly ms: number;
  readonly probes?: boolean;
}

/** The configured verifier. Throws `input.invalid` where no model is configured. */
export function configuredReader(environment: NodeJS.ProcessEnv): Reader {
  const verifier = readingModel(readConfig(environment).environment);
  if (verifier === null)
    throw new DeskhandError(
      "input.invalid",
      "--verifier on needs a model: set OPENAI_API_KEY, or DESKHAND_VERIFIER_KEY",
    );
  return { model: openaiModel(verifier), ms: verifier.timeoutMs };
}

/** A recording answers at once. */
export function recordedReader(folder: string): Reader {
  return { model: recordedModel(folder), ms: 30_000, probes: false };
}

/** The check and a model that reads as well: a reply is flagged when either finds something in it. */
export function verifyingJudge(output: OutputCheck, reader: Reader): Judge {
  return async (text, receipts) => {
    const { findings } = output.check(text, receipts);
    const { verification, used } = await readAgainstSources(
      {
        ...reader,
        output,
        prices: PRICES,
        clock: { now: () => receipts.today },
        dayOf: (at) => at,
      },
      {
        text,
        sources: numberedSources({
          ...receipts,
          procedureSteps: [],
          changes: [],
          writer: null,
          passedOn: "",
          actions: receipts.proposal?.actions ?? [],
          asksTeam: receipts.escalates ? "" : null,
          sent: saidBy("us", receipts),
          teammates: saidBy("teammate", receipts),
        }),
        customer: receipts.requester.name,
        nonce: nonceOf(text),
        outputTokensMax: OUTPUT_TOKENS_MAX,
        signal: new AbortController().signal,
      },
    );
    const { state, reason } = verification;
    return {
      findings: withVerification(findings, verification),
      unverified: state === "read" ? null : reason,
      tokens: { input: used.inputTokens, output: used.outputTokens },
    };
  };
}

/** The same in every run, so that a recorded answer is found again. */
function nonceOf(text: string): string {
  return `data${createHash("sha256").update(text).digest("hex").slice(0, 6)}`;
}

function saidBy(who: "us" | "teammate", { said = [] }: Receipts): readonly string[] {
  return said.filter(({ by }) => by === who).map(({ text }) => text);
}

/** For both tries of one reply. */
const OUTPUT_TOKENS_MAX = 12_000;
