/** The doctor asks the model as a turn does, and names what is wrong with it in one sentence. */
import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { test, type TestContext } from "node:test";
import { z } from "zod";
import { modelsFindings, modelFindings } from "#doctor/try-model.ts";
import { readConfig } from "#config/environment.ts";
import { json, obliging, provider } from "#test/support/model-provider.ts";

/** Takes so many characters of messages, and of longer ones only the end, without a word. */
function forgetful(charactersMax: number) {
  return (body: string, response: ServerResponse): void => {
    const { messages = [] } = Asked.parse(body === "" ? {} : JSON.parse(body));
    const whole = messages.map(({ content }) => content ?? "").join("\n");
    const word = /Marigold\./.test(whole.slice(-charactersMax)) ? "Marigold." : "I see no word.";
    obliging(body, response, word);
  };
}

const Asked = z.object({
  messages: z.array(z.object({ content: z.string().nullish() })).optional(),
});

const connectionTo = (baseUrl: string, model = "own") => ({
  part: "model" as const,
  apiKey: "key-of-the-shop",
  baseUrl,
  model,
  timeoutMs: 60_000,
  profile: {},
});

async function examined(
  context: TestContext,
  handler: (body: string, response: ServerResponse) => void,
  given: { readonly model?: string; readonly tryMsMax?: number; readonly price?: string } = {},
) {
  const { url } = await provider(context, handler);
  const { tryMsMax = 20_000, ...named } = given;
  const found = await modelFindings({
    connection: { ...connectionTo(url), ...named },
    tryMsMax,
    now: new Date("2026-11-24T00:00:00Z"),
  });
  return found.map(({ check, state, found: words }) => `${check} ${state}: ${words}`);
}

const error = (message: string, code: string | null = null) => ({ error: { message, code } });

test("a model that works is shown with tokens, price and time, and what its server taught", async (context) => {
  const found = await examined(
    context,
    (body, response) =>
      body.includes('"temperature"')
        ? json(response, 400, error("Unsupported parameter: temperature"))
        : obliging(body, response),
    { price: "1,0.1,5" },
  );
  assert.equal(found.length, 2, found.join("\n"));
  assert.match(
    found[0] ?? "",
    /^asked ok: own called a tool, .*: 21 tokens in, 9 out, 0\.0001 USD/,
  );
  assert.equal(found[1], "learnt ok: it takes no temperature");
});

test("a model without a known price is a problem, since Deskhand does not start with it", async (context) => {
  const found = await examined(context, (body, response) => obliging(body, response));
  assert.match(found[1] ?? "", /^price problem: Deskhand does not start without the price of own/);
});

const PLANTED: Readonly<
  Record<
    string,
    {
      readonly answer: (body: string, response: ServerResponse) => void;
      readonly says: RegExp;
      readonly model?: string;
      readonly tryMsMax?: number;
    }
  >
> = {
  "a context that is cut": {
    answer: forgetful(16_000),
    says: /has not read the beginning of what it was sent/,
  },
  "one that has ended": {
    answer: (_body, response) =>
      json(response, 404, error("The model has been shut down", "model_not_found")),
    model: "gpt-4.1-nano",
    says: /^end problem: The model gpt-4\.1-nano ended on 2026-10-23/m,
  },
  "a wrong key": {
    answer: (_body, response) =>
      json(response, 401, error("Incorrect API key provided: key-of-the-shop")),
    says: /refuses \(401\): Incorrect API key provided: \[key\]/,
  },
  "one that is too slow": {
    answer: () => undefined,
    tryMsMax: 100,
    says: /did not answer in time/,
  },
  "a page for an answer": {
    answer: (_body, response) => {
      response.writeHead(200, { "content-type": "text/html" });
      response.end("<html>");
    },
    says: /the model's answer is no JSON|unknown shape/,
  },
};

for (const [what, { answer, says, ...given }] of Object.entries(PLANTED))
  test(`${what} is a problem the doctor names`, async (context) => {
    const found = await examined(context, answer, given);
    const problems = found.filter((one) => / problem: /.test(one));
    assert.match(problems.join("\n"), says);
    assert.doesNotMatch(found.join("\n"), /key-of-the-shop/);
  });

test("a known end is told from sixty days before, and is a problem two weeks before", async (context) => {
  const ends = async (now: string) => {
    const { url } = await provider(context, (body, response) => obliging(body, response));
    const connection = connectionTo(url, "openai/gpt-4.1-mini-2025-04-14");
    const found = await modelFindings({ connection, now: new Date(now) });
    return found.filter(({ check }) => check === "end").map(({ state }) => state);
  };
  assert.deepEqual(await ends("2026-11-01T00:00:00Z"), []);
  assert.deepEqual(await ends("2026-11-24T00:00:00Z"), ["warning"]);
  assert.deepEqual(await ends("2027-01-05T00:00:00Z"), ["problem"]);
});

test("the server's own list says when a model ends, before any list of ours", async (context) => {
  const listed = await examined(context, (body, response) =>
    body === ""
      ? json(response, 200, { data: [{ id: "own", shutdown_date: "2026-12-01" }] })
      : obliging(body, response),
  );
  assert.match(listed.join("\n"), /^end problem: The model own ends on 2026-12-01, in 7 days/m);
});

test("the reader and the embeddings are asked where they are others", async (context) => {
  const paths: (string | undefined)[] = [];
  const { url } = await provider(context, (body, response, request) => {
    paths.push(request.url);
    if (request.url !== "/v1/embeddings") return forgetful(100_000)(body, response);
    json(response, 404, error("no such model"));
  });
  const key = { OPENAI_API_KEY: "k", OPENAI_BASE_URL: url, DESKHAND_DATA: ".deskhand" };
  const { environment } = readConfig({
    ...key,
    DESKHAND_VERIFIER_MODEL: "reader",
    EMBEDDINGS: "openai:small",
  });
  const ofOthers = async (set: Parameters<typeof modelsFindings>[0]) =>
    (await modelsFindings(set, { isReal: true })).filter(({ part }) => part !== "model");
  const found = await ofOthers(environment);
  assert.deepEqual(
    found.map(({ part, check, state }) => `${part} ${check} ${state}`),
    ["verifier asked ok", "verifier price problem", "embeddings asked problem"],
  );
  assert.match(found[1]?.remedy ?? "", /DESKHAND_VERIFIER_PRICE/);
  assert.match(found[2]?.found ?? "", /refuses \(404\): no such model/);
  assert.deepEqual(await ofOthers(readConfig(key).environment), []);
});

test("a second opinion is asked for its one word, and one that gives none is a warning", async (context) => {
  const { url } = await provider(context, (body, response) => {
    if (body === "") return json(response, 200, { data: [{ id: "small" }] });
    if (body.includes('"smal"')) return json(response, 404, error("no such model"));
    if (!body.includes("that one word")) return obliging(body, response);
    const content = body.includes('"small"')
      ? "HARMLESS"
      : body.includes("timid")
        ? "ATTACK"
        : "Hello!";
    const choices = [{ message: { role: "assistant", content }, finish_reason: "stop" }];
    json(response, 200, { choices });
  });
  const opinion = async (model: string) => {
    const { environment } = readConfig({
      OPENAI_API_KEY: "k",
      OPENAI_BASE_URL: url,
      DESKHAND_DATA: ".deskhand",
      DESKHAND_GUARD_OPINION_MODEL: model,
      DESKHAND_GUARD_OPINION_PRICE: "1,1,1",
    });
    const found = await modelsFindings(environment, { isReal: true });
    const [first, ...more] = found.filter(({ part }) => part === "guard_opinion");
    assert.deepEqual(more, []);
    return `${first?.state}: ${first?.found} ${first?.remedy}`;
  };
  assert.match(await opinion("small"), /^ok: small answered in one word/);
  assert.match(await opinion("smal"), /^warning: .*no such model.*GUARD_OPINION_MODEL.*small/);
  assert.match(
    await opinion("chatty"),
    /^warning: .*chatty answered with another word name another model in DESKHAND_GUARD_OPINION_MODEL/,
  );
  assert.match(await opinion("timid"), /^warning: takes it for an attack name another model/);
});

test("a large enough context passes", async (context) => {
  const [first] = await examined(context, forgetful(100_000));
  assert.match(first ?? "", /^asked ok/);
});
