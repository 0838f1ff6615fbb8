/** What the tests of one-time codes share. */
import { type Action, NoticeArguments, type SendCodeArguments } from "#core/values/action.ts";
import type { DeskhandError } from "#core/values/errors.ts";
import type { CommitResult, EffectLookup, Target } from "#core/contracts/tool.ts";
import { languageOfMessages } from "#guard/input/input-guard.ts";
import { codeSender, oneTimeCodes } from "#jobs/identity/one-time-codes.ts";
import { addMessages } from "#store/conversations/messages.ts";
import { memoryShop } from "#test/support/fixtures/memory-shop.ts";
import { later, messageOf, NOW, silentLog, type StoreBench } from "#test/store/bench.ts";
import { PATIENCE_MS } from "#test/support/waiting.ts";

const DAY_MS = 24 * 60 * 60_000;

export const ANN = "ann@customer.test";
export const CODES = oneTimeCodes("a secret of this test");
export const signal = (): AbortSignal => AbortSignal.timeout(PATIENCE_MS);

/** A mail server's side: what arrived under which key, and what it is to answer. */
function postbox() {
  const arrived: { readonly key: string; readonly notice: NoticeArguments }[] = [];
  const faults: DeskhandError[] = [];
  const committed = (key: string): CommitResult => ({
    ref: `<${key}>`,
    conversationKeys: ["mail:x"],
  });
  const mail: Target = {
    name: "email",
    supports: ["reply", "notice"],
    async commit(action, key) {
      const fault = faults.shift();
      if (fault !== undefined) throw fault;
      arrived.push({ key, notice: NoticeArguments.parse(action.arguments) });
      return committed(key);
    },
    find: async (_action, key): Promise<EffectLookup> =>
      arrived.some((one) => one.key === key)
        ? { state: "done", committed: committed(key) }
        : { state: "absent" },
  };
  return { mail, arrived, faults };
}

/** A shop that knows Ann, her mailbox, and a conversation in which codes are asked for. */
export async function codesWorld(bench: StoreBench, channel = "chat") {
  const conversationId = await bench.conversation(channel);
  // Ann is asked about in every test, so each has days of its own and no limit of another's.
  const began = later(Number(bench.id("day").slice("day_".length)) * 3 * DAY_MS);
  const box = postbox();
  const shop = memoryShop(NOW);
  const clock = { at: began };
  const warned: unknown[] = [];
  const target = codeSender({
    store: bench.store,
    shop,
    codes: CODES,
    clock: { now: () => clock.at },
    log: { ...silentLog, warn: (...line) => void warned.push(line) },
    languageOf: languageOfMessages,
    mail: box.mail,
  });
  const ask = async (
    address: string,
    challengeId = bench.id("code"),
    text = messageOf("").text,
  ): Promise<Action> => {
    const key = bench.id("message");
    await bench.run(addMessages, conversationId, [{ ...messageOf(key), text }], NOW);
    const send: SendCodeArguments = { challengeId, conversationId, address, answers: [key] };
    return { target: "identity", operation: "send_code", arguments: send };
  };
  return { ...box, conversationId, shop, clock, target, ask, warned };
}
