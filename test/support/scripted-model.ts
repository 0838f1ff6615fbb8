/** A fake model that gives written answers in order. */
import assert from "node:assert/strict";
import type { Model, ModelAnswer, ModelRequest } from "#core/contracts/model.ts";

/** One answer of the script: words, calls with their input as a value, or an error the model throws. */
export type ScriptStep =
  | { readonly text: string }
  | { readonly calls: readonly { readonly name: string; readonly input: unknown }[] }
  | { readonly error: Error };

export interface ScriptedModel extends Model {
  /** What the model was asked, frozen as it was at that moment. */
  readonly requests: readonly ModelRequest[];
  /** Fails when steps are left: a test that expects more calls than are made shows it. */
  assertUsedUp(): void;
}

/** A model that answers by a script and fails on a call without a step. */
export function scriptedModel(steps: readonly ScriptStep[]): ScriptedModel {
  const requests: ModelRequest[] = [];
  return {
    name: "scripted",
    isRehearsal: false,
    requests,
    async complete(request) {
      const step = steps[requests.length];
      requests.push({ ...request, messages: structuredClone([...request.messages]) });
      assert.ok(
        step,
        `the model was called ${requests.length} times, scripted for ${steps.length}`,
      );
      if ("error" in step) throw step.error;
      return answerOf(step, requests.length);
    },
    assertUsedUp() {
      assert.equal(requests.length, steps.length, "not every scripted step was used");
    },
  };
}

function answerOf(step: Exclude<ScriptStep, { error: Error }>, number: number): ModelAnswer {
  const calls = "calls" in step ? step.calls : [];
  return {
    text: "text" in step ? step.text : "",
    toolCalls: calls.map(({ name, input }, index) => ({
      id: `call_${number}_${index}`,
      name,
      arguments: typeof input === "string" ? input : JSON.stringify(input),
    })),
    inputTokens: 100,
    outputTokens: 10,
  };
}
