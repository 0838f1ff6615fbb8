/**
 * The judge: whether something was lost, done twice or out of order, told from what the customer, the shop and the
 * database show. It reads no log of ours and asks no function of ours.
 *
 * I1 every accepted message ends in exactly one outcome · I2 each refund and each other change of an order happens once ·
 * I3 each reply is seen once · I4 a conversation keeps its order · I5 each effect is in the audit · I6 nothing is left
 * to do.
 */
import type {
  DatabaseState,
  ExternalState,
  Sent,
  Shown,
  StoredEffect,
  StoredMessage,
  Verdict,
} from "./evidence.ts";

type Fault = "lost" | "twice" | "outOfOrder" | "other";

interface Finding {
  readonly fault: Fault;
  readonly reason: string;
}

/** An outcome a message can end in. */
const OUTCOMES = new Set(["answered", "escalated", "ignored", "rejected", "expired", "failed"]);

/** Judges the whole of one installation. Pure: the same evidence gives the same verdict. */
export function judge(outside: ExternalState, inside: DatabaseState): Verdict {
  const findings = [
    ...outside.sent.flatMap((sent) => messageEnds(sent, outside, inside)),
    ...refunds(outside, inside),
    ...orderChanges(outside, inside),
    ...replies(outside, inside),
    ...order(outside, inside),
    ...audited(inside),
    ...backlog(inside),
  ];
  const count = (fault: Fault): number => findings.filter((one) => one.fault === fault).length;
  return {
    lost: count("lost"),
    twice: count("twice"),
    outOfOrder: count("outOfOrder"),
    reasons: findings.map(({ reason }) => reason),
  };
}

/** True when every message has ended or waits for a person, and nothing is left to do. */
export function isSettled(messages: readonly Sent[], inside: DatabaseState): boolean {
  return (
    backlog(inside).length === 0 &&
    messages.every((sent) => {
      const [row] = rowsOf(sent, inside);
      return row !== undefined && (row.outcome !== null || inside.asked.includes(row.key));
    })
  );
}

function rowsOf(sent: Sent, inside: DatabaseState): readonly StoredMessage[] {
  return inside.messages.filter((row) =>
    sent.channel === "email" ? row.inReplyTo === sent.id : row.key.endsWith(`:${sent.id}`),
  );
}

function named(sent: Sent): string {
  return `${sent.channel} message ${sent.id} (“${sent.conversation}”)`;
}

/** I1. A message that waits for a person's decision on a card in front of them has not ended, but is not lost. */
function messageEnds(
  sent: Sent,
  outside: ExternalState,
  inside: DatabaseState,
): readonly Finding[] {
  const [row, ...more] = rowsOf(sent, inside);
  if (row === undefined) return [{ fault: "lost", reason: `${named(sent)} was never read` }];
  if (more.length > 0)
    return [{ fault: "twice", reason: `${named(sent)} was read ${more.length + 1} times` }];
  if (row.outcome === null)
    return inside.asked.includes(row.key)
      ? []
      : [{ fault: "lost", reason: `${named(sent)} has no outcome and waits for no person` }];
  if (!OUTCOMES.has(row.outcome))
    return [{ fault: "other", reason: `${named(sent)} ended as “${row.outcome}”` }];
  if (row.outcome !== "answered") return [];
  const isSeen = outside.shown.some((shown) => answersTo(shown, sent, row, inside));
  return isSeen
    ? []
    : [{ fault: "lost", reason: `${named(sent)} counts as answered, and no answer is to be seen` }];
}

function answersTo(shown: Shown, sent: Sent, row: StoredMessage, inside: DatabaseState): boolean {
  if (shown.channel === sent.channel && shown.inReplyTo === sent.id) return true;
  // One answer for a case goes where the customer wrote last, which may be another channel.
  return inside.effects.some(
    (effect) => effect.answers.includes(row.key) && isShownAs(effect, shown),
  );
}

/** The same text, or the id under which the ledger has it. */
function isShownAs(effect: StoredEffect, shown: Shown): boolean {
  if (effect.operation !== "reply" || effect.channel !== shown.channel) return false;
  if (shown.channel === "chat")
    return effect.text === shown.text && effect.answers.some((key) => inChat(key, shown));
  return effect.ref !== null && effect.ref.endsWith(shown.id);
}

function inChat(key: string, shown: Shown): boolean {
  return key.includes(`:${shown.conversation}:`);
}

/** I2, by what the shop has: neither more refunds than there have to be, nor two under one key. */
function refunds(outside: ExternalState, inside: DatabaseState): readonly Finding[] {
  const orders = new Set([...outside.wanted.keys(), ...outside.refunds.map(({ order: id }) => id)]);
  const amounts = [...orders].flatMap((id) => {
    const wanted = [...(outside.wanted.get(id) ?? [])];
    const surplus: number[] = [];
    for (const { amount } of outside.refunds.filter((refund) => refund.order === id)) {
      const at = wanted.indexOf(amount);
      if (at === -1) surplus.push(amount);
      else wanted.splice(at, 1);
    }
    return [
      ...surplus.map((amount): Finding => ({
        fault: "twice",
        reason: `order ${id} has a refund of ${amount} that no customer asked for`,
      })),
      ...wanted.map((amount): Finding => ({
        fault: "lost",
        reason: `order ${id} lacks its refund of ${amount}`,
      })),
    ];
  });
  const keys = doubled(outside.refunds.map(({ key }) => key)).map((key): Finding => ({
    fault: "twice",
    reason: `the shop has two refunds under ${key}`,
  }));
  const unbacked = inside.effects
    .filter(({ operation, state }) => operation === "refund" && state === "done")
    .filter(({ key }) => !outside.refunds.some((refund) => refund.key === key))
    .map(({ key }): Finding => ({
      fault: "lost",
      reason: `the ledger has ${key} as done, the shop knows nothing of it`,
    }));
  return [...amounts, ...keys, ...unbacked];
}

const CHANGING = new Set(["cancel_order", "start_return", "exchange_item", "resend_invoice"]);

/** I2 for the other changes of orders: each that was wanted once, none besides, and none only in the ledger. */
function orderChanges(
  { changes, wantedChanges }: ExternalState,
  { effects }: DatabaseState,
): readonly Finding[] {
  const named = ({ what, order: id }: Pick<ExternalState["changes"][number], "what" | "order">) =>
    `${what} ${id}`;
  const wanted = new Set(wantedChanges.map(named));
  const made = changes.map(named);
  const surplus = [...doubled(made), ...made.filter((one) => !wanted.has(one))];
  const missing = [...wanted].filter((one) => !made.includes(one));
  const unbacked = effects
    .filter(({ operation, state }) => CHANGING.has(operation) && state === "done")
    .filter(({ key }) => !changes.some((change) => change.key === key));
  return [
    ...surplus.map((one): Finding => ({
      fault: "twice",
      reason: `the shop has ${one} once too often`,
    })),
    ...missing.map((one): Finding => ({ fault: "lost", reason: `the shop lacks ${one}` })),
    ...unbacked.map(({ key }): Finding => ({
      fault: "lost",
      reason: `the ledger has ${key} as done, the shop knows nothing of it`,
    })),
  ];
}

/** I3: what the customer sees against what was written, and against what the ledger says was done. */
function replies(outside: ExternalState, inside: DatabaseState): readonly Finding[] {
  const ids = doubled(outside.shown.map(({ channel, id }) => `${channel} ${id}`));
  const texts = doubled(
    outside.shown
      .filter(({ inReplyTo }) => inReplyTo !== null)
      .map(({ inReplyTo, text }) => `${inReplyTo}: ${text}`),
  );
  const answers = outside.sent.flatMap((sent) => {
    const count = outside.shown.filter(
      (shown) =>
        shown.channel === sent.channel &&
        shown.conversation === sent.conversation &&
        (shown.inReplyTo === null
          ? sent.answer?.test(shown.text) === true
          : shown.inReplyTo === sent.id),
    ).length;
    return count > sent.answersMost ? [`${named(sent)} has ${count} answers`] : [];
  });
  const ledger = inside.effects
    .filter(({ operation, state }) => operation === "reply" && state === "done")
    .filter(({ channel }) => ["email", "chat", "zendesk"].includes(channel))
    .filter((effect) => !outside.shown.some((shown) => isShownAs(effect, shown)))
    .map(({ key }): Finding => ({
      fault: "lost",
      reason: `${key} counts as sent, and the customer does not see it`,
    }));
  const unknownToLedger = outside.shown
    .filter((shown) => !inside.effects.some((effect) => couldBe(effect, shown)))
    .map(({ channel, text }): Finding => ({
      fault: "twice",
      reason: `the ledger knows nothing of this ${channel} reply: ${text.slice(0, 60)}`,
    }));
  const doubles = [...new Set([...ids, ...texts, ...answers])].map((what): Finding => ({
    fault: "twice",
    reason: `seen twice: ${what.slice(0, 200)}`,
  }));
  return [...doubles, ...ledger, ...unknownToLedger];
}

/** A reply that is not finished yet has no id in the ledger; its text is compared instead. */
function couldBe(effect: StoredEffect, shown: Shown): boolean {
  if (isShownAs(effect, shown) || (effect.ref ?? "").endsWith(shown.id)) return true;
  return effect.operation === "reply" && effect.ref === null && effect.text === shown.text;
}

function doubled(values: readonly string[]): readonly string[] {
  return [...new Set(values.filter((value, index) => values.indexOf(value) !== index))];
}

/** I4: a conversation's messages were read in the order they were written, and its answers came in that order. */
function order(outside: ExternalState, inside: DatabaseState): readonly Finding[] {
  const conversations = new Map<string, Sent[]>();
  for (const sent of outside.sent) {
    const name = `${sent.channel} ${sent.conversation}`;
    conversations.set(name, [...(conversations.get(name) ?? []), sent]);
  }
  return [...conversations].flatMap(([name, written]) => {
    const read = written.flatMap((sent) => rowsOf(sent, inside).slice(0, 1));
    const findings: Finding[] = [];
    if (descends(read.map(({ id }) => id)))
      findings.push({ fault: "outOfOrder", reason: `${name}: messages were stored out of order` });
    if (descends(read.flatMap(({ turnAt }) => (turnAt === null ? [] : [turnAt]))))
      findings.push({ fault: "outOfOrder", reason: `${name}: a later message was read earlier` });
    const answered = outside.shown
      .filter(({ channel, conversation }) => `${channel} ${conversation}` === name)
      .flatMap((shown) => newestAnswered(shown, written));
    if (descends(answered))
      findings.push({ fault: "outOfOrder", reason: `${name}: answers came out of order` });
    return findings;
  });
}

/** The place of the newest message this reply is about; nothing when the channel does not say. */
function newestAnswered(shown: Shown, written: readonly Sent[]): readonly number[] {
  const at = written.findLastIndex((sent) =>
    shown.inReplyTo === null ? sent.answer?.test(shown.text) === true : shown.inReplyTo === sent.id,
  );
  return at === -1 ? [] : [at];
}

function descends(numbers: readonly number[]): boolean {
  return numbers.some((number, index) => index > 0 && number < (numbers[index - 1] ?? number));
}

/** I5. An effect from before the database was restored is recorded as found. */
function audited(inside: DatabaseState): readonly Finding[] {
  const done = new Set(
    inside.audit.flatMap(({ kind, key }) =>
      (kind === "done" || kind === "found") && key !== null ? [key] : [],
    ),
  );
  const missing = inside.effects
    .filter(({ state, key }) => state === "done" && !done.has(key))
    .map(({ key }): Finding => ({
      fault: "other",
      reason: `${key} was done and is not in the audit`,
    }));
  return inside.auditBroken === 0
    ? missing
    : [
        ...missing,
        { fault: "other", reason: `the audit's chain is broken ${inside.auditBroken} times` },
      ];
}

/** I6. */
function backlog(inside: DatabaseState): readonly Finding[] {
  const open = inside.effects.filter(({ state }) => state === "intended" || state === "executing");
  const findings = open.map(({ key, state }): Finding => ({
    fault: "other",
    reason: `${key} is still ${state}`,
  }));
  return inside.unreadHints === 0
    ? findings
    : [...findings, { fault: "other", reason: `${inside.unreadHints} deliveries are unread` }];
}
