/** Drafts a change of the policy file: a sentence of tone, a rule that denies, or a rule's greatest amount. */
import { capitalised } from "#core/values/words.ts";
import { parseDocument, type Document } from "yaml";
import { decisionGround } from "#core/contracts/policy.ts";
import { reasonOf } from "#core/values/errors.ts";
import { formatAmount, formatMoney, type Money } from "#core/values/money.ts";
import { editedPolicy, type PolicyEdit } from "#policy/edit-policy.ts";
import { openPolicyFile } from "#policy/load-policy.ts";
import type { Transaction } from "#store/db/database.ts";
import { cardsUnderRule } from "#store/reports/draft-differences.ts";
import { comparedWords, type DraftedChange, greatestLeft, type Lesson } from "./find-lessons.ts";

const NOT_STORED = "The policy's text is not stored here, so no change of it could be drafted.";

/** A sentence more in the tone of the channel, from what teammates asked for. */
export function draftTone(text: string | null, lesson: Lesson): DraftedChange {
  const [typical] = lesson.differences;
  const channel = typical?.content.channel ?? "email";
  const title = `voice of ${channel}`;
  if (text === null) return nothing(title, "", [NOT_STORED]);
  const asked = lesson.differences.filter(
    ({ kind }) => kind === "instruction" || kind === "rejection",
  );
  const [first] = asked;
  if (first === undefined)
    return nothing(title, text, [
      "Teammates chose other words and said none that would be a sentence of tone. Read the differences, and write it into the policy file under voice.",
    ]);
  const path = ["voice", channel, "tone"];
  const sentence = toneSentence(comparedWords(first));
  const tone = parseDocument(text).getIn(path);
  const value = typeof tone === "string" ? `${tone.trim()} ${sentence}` : sentence;
  return drafted(title, text, [{ path, value }], { notes: [] });
}

/**
 * A rule under which teammates lowered amounts gets the greatest they left; one under which they refused every action
 * denies. Where some were approved that this would stop, nothing is drafted: words would have to say which.
 */
export async function draftRule(
  transaction: Transaction,
  text: string | null,
  lesson: Lesson,
): Promise<DraftedChange> {
  const action = lesson.differences[0]?.content.action ?? null;
  const title = `rule ${action?.rule ?? ""}`;
  if (action === null || text === null) return nothing(title, text ?? "", [NOT_STORED]);
  const document = parseDocument(text);
  const path = rulePath(document, action.rule);
  if (path === null)
    return nothing(title, text, [`The policy in force has no rule ${action.rule} any more.`]);
  if (action.change === "higher")
    return nothing(title, text, [
      "Teammates gave more than was proposed, and a rule says only how much may be proposed at most. Read the differences, and write into a procedure what these customers get.",
    ]);
  // A refusal left no amount.
  const upTo = greatestLeft(lesson.differences);
  const against = await approvedAgainst(transaction, action.rule, upTo);
  if (against !== null) return nothing(title, text, [against]);
  if (action.change === "lower") return draftAmount(title, text, { document, path, upTo });
  const notes = ["Read the rule's reason: with deny, the customer's answer is built on it."];
  // Only rules of other verdicts have approvers and limits.
  const others = ["approvers", "limits"].filter((key) => document.hasIn([...path, key]));
  const edits = [
    { path: [...path, "verdict"], value: "deny" },
    ...others.map((key) => ({ path: [...path, key] })),
  ];
  return drafted(title, text, edits, { notes, ruleChange: "denied" });
}

/** What says that the rule cannot deny all, or all above an amount; null where nothing does. */
async function approvedAgainst(
  transaction: Transaction,
  rule: string,
  upTo: Money | null,
): Promise<string | null> {
  const cards = await cardsUnderRule(transaction, rule);
  const isStopped = (amount: Money | null): boolean =>
    upTo === null || (amount !== null && amount.minor > upTo.minor);
  const approved = cards.filter((card) => card.state === "approved" && isStopped(card.amount));
  if (approved.length === 0) return null;
  const above = upTo === null ? "" : ` above ${formatMoney(upTo)}`;
  return `${approved.length} of the ${cards.length} cards under this rule were approved${above}, so it cannot stop all of them. Write the rule that tells them apart.`;
}

function draftAmount(
  title: string,
  text: string,
  given: {
    readonly document: Document;
    readonly path: readonly (string | number)[];
    readonly upTo: Money | null;
  },
): DraftedChange {
  const { document, path, upTo } = given;
  if (upTo === null || document.getIn([...path, "up_to"]) === undefined)
    return nothing(title, text, [
      "The rule has no greatest amount. Read the differences, and write into the policy file what tells these cases apart.",
    ]);
  const edit = { path: [...path, "up_to"], value: Number(formatAmount(upTo)) };
  return drafted(title, text, [edit], { notes: [], ruleChange: { upTo: upTo.minor } });
}

/** "refund.usual" is the rule usual of the operation refund. */
function rulePath(document: Document, rule: string): readonly (string | number)[] | null {
  const { operation, name } = decisionGround({ rule });
  for (let index = 0; ; index += 1) {
    const path = ["operations", operation, "rules", index];
    const found: unknown = document.getIn([...path, "name"]);
    if (found === undefined) return null;
    if (found === name) return path;
  }
}

function toneSentence(words: string): string {
  const sentence = capitalised(words.replaceAll(/\s+/g, " ").trim());
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`;
}

/** A draft that the policy could not be read with is none. */
function drafted(
  title: string,
  before: string,
  edits: readonly PolicyEdit[],
  told: Pick<DraftedChange, "notes" | "ruleChange">,
): DraftedChange {
  try {
    const after = editedPolicy(before, edits);
    if (after === null)
      return nothing(title, before, ["These lines cannot be edited by themselves; edit the file."]);
    openPolicyFile(after, "draft");
    return { place: "policy", name: "", title, before, after, ...told };
  } catch (error) {
    return nothing(title, before, [`No change could be drafted: ${reasonOf(error)}`]);
  }
}

function nothing(title: string, text: string, notes: readonly string[]): DraftedChange {
  return { place: "policy", name: "", title, before: text, after: text, notes };
}
