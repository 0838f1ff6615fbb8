/** Judges replies with the output check and, where it is asked for, with a model that reads them as well. */
import { openaiModel } from "#agent/model.ts";
import { readAgainstSources } from "#agent/read-against-sources.ts";
import { readConfig } from "#config/environment.ts";
import { verifierOf } from "#config/language-model.ts";
import type { OutputCheck, Receipts } from "#core/contracts/guard.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { sourcesOf } from "#verifier/sources.ts";
import type { Judge } from "./measure.ts";

/** The judge without a model. */
export function checkingJudge(output: OutputCheck): Judge {
  return async (text, receipts) => ({
    findings: output.check(text, receipts).findings,
    unverified: null,
  });
}

/**
 * The check and the configured verifier: a reply is flagged when either finds something in it. Throws `input.invalid`
 * where no model is configured.
 */
export function verifyingJudge(output: OutputCheck, environment: NodeJS.ProcessEnv): Judge {
  const verifier = verifierOf(readConfig(environment).environment);
  if (verifier === null)
    throw new DeskhandError(
      "input.invalid",
      "--verifier on needs a model: set OPENAI_API_KEY, or DESKHAND_VERIFIER_KEY",
    );
  const { ms, ...connection } = verifier;
  const model = openaiModel({ ...connection, timeoutMs: ms });
  let count = 0;
  return async (text, receipts) => {
    const { findings } = output.check(text, receipts);
    count += 1;
    const { verification } = await readAgainstSources(
      { model, ms, output, clock: { now: () => receipts.today } },
      {
        text,
        sources: sourcesOf({
          ...receipts,
          actions: receipts.proposal?.actions ?? [],
          handsOver: receipts.escalates,
          sent: saidBy("us", receipts),
          teammates: saidBy("teammate", receipts),
        }),
        nonce: `data${count}`,
        outputTokensMax: OUTPUT_TOKENS_MAX,
        signal: new AbortController().signal,
      },
    );
    const { state, reason } = verification;
    return {
      findings: [...findings, ...verification.findings],
      unverified: state === "read" ? null : reason,
    };
  };
}

function saidBy(who: "us" | "teammate", { said = [] }: Receipts): readonly string[] {
  return said.filter(({ by }) => by === who).map(({ text }) => text);
}

/** For both tries of one reply. */
const OUTPUT_TOKENS_MAX = 12_000;
