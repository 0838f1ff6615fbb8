/** The examples of docs/api.md, run by a shell as they stand there, with `curl` answered by the API of a test. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { z } from "zod";
import { onDesk } from "#test/jobs/bench.ts";
import { refundOf, replying } from "#test/jobs/turn-results.ts";
import { customerToken, serveApi } from "./bench.ts";

const PAGE = readFileSync(join(import.meta.dirname, "../../../docs/api.md"), "utf8");
const EXAMPLES = [...PAGE.matchAll(/```sh\n([^]*?)```/g)].map(([, text = ""]) => text);

/** The arguments that a shell gives to `curl`. */
function curlArguments(example: string, variables: Readonly<Record<string, string>>): string[] {
  const show =
    'curl() { "$NODE" -e "console.log(JSON.stringify(process.argv.slice(1)))" -- "$@"; }';
  const env = { ...variables, NODE: process.execPath };
  const printed = execFileSync("sh", ["-c", `${show}\n${example}`], { env, encoding: "utf8" });
  return z.array(z.string()).parse(JSON.parse(printed));
}

/** The request that these arguments of `curl` are. */
function request([address = "", ...options]: readonly string[]) {
  const named = (name: string): string[] =>
    options.filter((_option, index) => options[index - 1] === name);
  const [body] = named("-d");
  const headers = named("-H").map((line): [string, string] => {
    const at = line.indexOf(": ");
    return [line.slice(0, at), line.slice(at + 2)];
  });
  return {
    path: address.replace("https://help.example.com/api/v1", ""),
    init: {
      method: body === undefined ? "GET" : "POST",
      headers,
      ...(body !== undefined && { body }),
    },
  };
}

onDesk("the examples of the API", (bench) => {
  test("do what the page says", async (context) => {
    const refund = refundOf(30_000, { needs: { count: 1, leads: 0 } });
    bench.answer(() => replying("We refund it.", { actions: [refund] }));
    const card = await bench.pending(await bench.write("Please refund order 789"));
    const api = await serveApi(bench);
    context.after(() => api.close());
    const variables = {
      TOKEN: await api.token("lea@ourshop.test"),
      CUSTOMER_TOKEN: await customerToken(bench.now(), "u123"),
      CARD: card?.id ?? "",
    };
    const answers = [];
    for (const example of EXAMPLES) {
      const { path, init } = request(curlArguments(example, variables));
      const response = await fetch(`${api.url}${path}`, init);
      answers.push([init.method, response.status]);
    }
    assert.deepEqual(answers, [
      ["GET", 200],
      ["POST", 202],
      ["POST", 200],
    ]);
    assert.equal(await bench.pending(card?.conversationId ?? ""), null, "the card is decided");
  });
});
