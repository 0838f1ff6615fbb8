/**
 * A model whose answers stand in a folder. A question without an answer yet is written there, so that a
 * person, a program or another model can answer it later.
 */
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { profileFor, requestBody } from "#agent/wire/request-body.ts";
import { DeskhandError } from "#core/values/errors.ts";
import type { Model } from "#core/contracts/model.ts";
import { readLabelled } from "#evals/labelled-lines.ts";

const REQUEST = /^(\d{4,6})\.request\.json$/;

/** The part of a recorded request that tells it from the others. */
const RecordedRequest = z.object({
  messages: z.array(z.object({ role: z.string(), content: z.string() })),
});

const RecordedAnswer = z.object({ content: z.string() });

/** Requests without their instructions, each with its answer: one line of `answers.jsonl`. */
const RecordedLine = RecordedRequest.extend(RecordedAnswer.shape);
const LINES = "answers.jsonl";

/**
 * Answers from `answers.jsonl`, and from `0001.request.json` and `0001.response.json` (`{"content": "…"}`) and so on. Requests are told apart by
 * their messages without the instructions, so that a recording outlives a change of these. What has no answer is
 * written as the next request, once, and throws `model.unavailable`; a file of another form throws `input.invalid`.
 */
export function recordedModel(folder: string): Model {
  mkdirSync(folder, { recursive: true });
  const known = new Map<string, string>();
  let count = 0;
  for (const file of readdirSync(folder).toSorted()) {
    const number = REQUEST.exec(file)?.[1];
    if (number === undefined) continue;
    count = Math.max(count, Number(number));
    known.set(digestOf(read(join(folder, file), RecordedRequest).messages), number);
  }
  const kept = linesIn(join(folder, LINES));
  const profile = profileFor("");
  return {
    name: NAME,
    isRehearsal: false,
    complete: async (request) => {
      const body = requestBody(NAME, profile, request);
      const { messages } = RecordedRequest.parse(body);
      const digest = digestOf(messages);
      const text = kept.get(digest) ?? read(answerFile(digest, body), RecordedAnswer).content;
      const asked = messages.map((message) => message.content).join("");
      return {
        text,
        toolCalls: [],
        inputTokens: tokensOf(asked),
        outputTokens: tokensOf(text),
      };
    },
  };

  function answerFile(digest: string, body: object): string {
    let number = known.get(digest);
    if (number === undefined) {
      count += 1;
      number = String(count).padStart(4, "0");
      known.set(digest, number);
      park(join(folder, `${number}.request.json`), body);
    }
    const file = join(folder, `${number}.response.json`);
    if (existsSync(file)) return file;
    throw new DeskhandError("model.unavailable", `${file} is not written yet`);
  }
}

const NAME = "recorded";

function digestOf(messages: z.infer<typeof RecordedRequest>["messages"]): string {
  const told = messages.filter(({ role }) => role !== "system");
  return createHash("sha256")
    .update(JSON.stringify(told.map(({ role, content }) => [role, content])))
    .digest("hex");
}

function linesIn(file: string): ReadonlyMap<string, string> {
  if (!existsSync(file)) return new Map();
  const lines = readLabelled(file, RecordedLine, "answers");
  return new Map(lines.map(({ messages, content }) => [digestOf(messages), content]));
}

/** Written under another name first, so that no process reads half of it. */
function park(file: string, body: object): void {
  writeFileSync(`${file}.part`, `${JSON.stringify(body, null, 1)}\n`);
  renameSync(`${file}.part`, file);
}

function read<Shape extends z.ZodType>(file: string, shape: Shape): z.infer<Shape> {
  try {
    return shape.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch (error) {
    throw new DeskhandError("input.invalid", `${file} is no part of a recording`, {
      cause: error,
    });
  }
}

/** Four characters each, as where a provider gives no count. */
function tokensOf(text: string): number {
  return Math.ceil(text.length / 4);
}
