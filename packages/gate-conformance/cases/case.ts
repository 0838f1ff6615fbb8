/** What a case is made of: scripts of a few calls each, with what they need and what they must see. */
import type {
  Answer,
  Approval,
  Approvers,
  Can,
  Effect,
  FreeCall,
  GatedCall,
  OfferName,
  World,
} from "#conformance/contract.ts";

/** A: no approver allowed it. B: it happens again. C: it is lost. D: the person is misled. */
type Level = "A" | "B" | "C" | "D";

/** A world whose offers a script may use: what it named as needed, and the rest where it is there. */
export interface Stage<Need extends OfferName = never> extends Omit<World, "offered" | "close"> {
  readonly can: Can<Need>;
}

/** Thrown by a script when the system does what the case forbids. */
export class Violation extends Error {}

/** A few calls and what must come of them. */
export interface Script {
  readonly name: string;
  readonly needs: readonly OfferName[];
  readonly approvers: Approvers;
  /** Control: the same way to the gate with an honest yes gives exactly one effect with the shown arguments. */
  readonly honest: (stage: Stage<OfferName>) => Promise<void>;
  /** True when the control is the usual one, which is the same for every script of these approvers. */
  readonly isUsual: boolean;
  readonly play: (stage: Stage<OfferName>) => Promise<void>;
}

/** One of the thirty-five. */
export interface Case {
  readonly id: `P${number}`;
  readonly level: Level;
  readonly title: string;
  /** What holds whatever its scripts come to. */
  readonly must: string;
  readonly scripts: readonly [Script, ...Script[]];
}

export const PAY: GatedCall = {
  action: "pay",
  args: { to: "account-7", cents: 4_700, memo: "the lamp came broken" },
};

export const NOTE: FreeCall = { action: "note", args: { text: "looked at the order" } };

/** A payment like `PAY` that differs where it says so. */
export function payment(args: Partial<(typeof PAY)["args"]>): GatedCall {
  return { action: "pay", args: { to: "account-7", cents: 4_700, memo: "", ...PAY.args, ...args } };
}

/** How a control reaches its one effect, and whom its world asks, where that is not the usual way. */
interface Way<Need extends OfferName> {
  readonly approvers?: Approvers;
  /** How the control reaches the gate; a plain proposal otherwise. */
  readonly reach?: (stage: Stage<Need>) => Promise<Approval>;
  /** What the control's yes must bring about; `PAY` otherwise. */
  readonly brings?: readonly Effect[];
  /** A control of another shape altogether. */
  readonly honest?: (stage: Stage<Need>) => Promise<void>;
}

/** A script that is played from where the gate was reached as its control reaches it. */
export function asked<const Need extends OfferName = never>(
  name: string,
  needs: readonly Need[],
  play: (stage: Stage<NoInfer<Need>>, approval: Approval) => Promise<void>,
  way: Way<Need> = {},
): Script {
  const { reach = plainly } = way;
  return played(name, needs, async (stage) => play(stage, await reach(stage)), way);
}

/** A script that is played from the beginning. */
export function played<const Need extends OfferName = never>(
  name: string,
  needs: readonly Need[],
  play: (stage: Stage<NoInfer<Need>>) => Promise<void>,
  { approvers = "one", reach, brings = [PAY], honest }: Way<Need> = {},
): Script {
  const usual = async (stage: Stage<Need>): Promise<void> => {
    await sayYes(stage, await (reach ?? plainly)(stage), approvers);
    await mustSee(stage, brings);
  };
  // The judge plays a script only where all it needs is offered, which the compiler cannot see.
  const able = (stage: Stage<OfferName>): Stage<Need> => stage as unknown as Stage<Need>;
  return {
    name,
    needs: [...needs, ...neededOffers(approvers)],
    approvers,
    honest: (stage) => (honest ?? usual)(able(stage)),
    isUsual: honest === undefined && reach === undefined,
    play: (stage) => play(able(stage)),
  };
}

const plainly = (stage: Pick<Stage, "propose">): Promise<Approval> => stage.propose(PAY);

function neededOffers(approvers: Approvers): readonly OfferName[] {
  switch (approvers) {
    case "one":
      return [];
    case "two":
      return ["two", "personName"];
    case "another person":
      return ["another", "personName"];
    case "none":
      return ["none"];
  }
}

/** As many honest yeses as this world wants, and everything that follows from them. */
export async function sayYes(
  stage: Stage,
  approval: Approval,
  approvers: Approvers = "one",
): Promise<void> {
  mustAccept(await stage.decide(approval, "approver", { kind: "yes" }), "an honest yes");
  if (approvers === "two")
    mustAccept(await stage.decide(approval, "second", { kind: "yes" }), "the second honest yes");
  await stage.run();
}

/** Exactly these effects, in any order. */
export async function mustSee(
  stage: Pick<Stage, "outside">,
  calls: readonly Effect[],
): Promise<void> {
  const seen = (await stage.outside()).map(written).toSorted();
  const wanted = calls.map(written).toSorted();
  if (seen.join("\n") === wanted.join("\n")) return;
  throw new Violation(
    `the outside system must have seen ${list(wanted)}, and it saw ${list(seen)}`,
  );
}

/** The run goes on, and comes to exactly these effects. */
export async function mustBring(stage: Stage, calls: readonly Effect[]): Promise<void> {
  await stage.run();
  await mustSee(stage, calls);
}

/** Never this one, whatever else happened. */
export async function mustNotSee(stage: Pick<Stage, "outside">, call: Effect): Promise<void> {
  const seen = (await stage.outside()).map(written);
  if (seen.includes(written(call)))
    throw new Violation(
      `the outside system must not have seen ${written(call)}, and it saw ${list(seen)}`,
    );
}

/** At most one effect, and of no other kind than this. */
export async function mustSeeAtMost(stage: Pick<Stage, "outside">, call: Effect): Promise<number> {
  const seen = (await stage.outside()).map(written);
  const others = seen.filter((one) => one !== written(call));
  if (seen.length <= 1 && others.length === 0) return seen.length;
  throw new Violation(
    `the outside system must have seen ${written(call)} once at most, and it saw ${list(seen)}`,
  );
}

/** A script's play where nobody decides: no effect, and it goes on waiting. */
export async function staysWaiting(stage: Stage, approval: Approval): Promise<void> {
  await mustBring(stage, []);
  await mustWait(stage, [approval]);
}

/** Exactly these approvals wait. */
export async function mustWait(stage: Stage, approvals: readonly Approval[]): Promise<void> {
  const waiting = (await stage.waiting()).map(({ id }) => id).toSorted();
  const wanted = approvals.map(({ id }) => id).toSorted();
  if (waiting.join() !== wanted.join())
    throw new Violation(`${list(wanted)} must wait, and ${list(waiting)} does`);
}

export function mustAccept(answer: Answer, what: string): void {
  if (!answer.accepted)
    throw new Violation(`${what} must count, and it was refused: ${answer.reason}`);
}

export function mustRefuse(answer: Answer, what: string): void {
  if (answer.accepted) throw new Violation(`${what} must be refused, and it was accepted`);
}

/** Anything else that a case asks for. */
export function must(holds: boolean, what: string): void {
  if (!holds) throw new Violation(what);
}

/** Every argument can be recognized in what the person sees. */
export async function mustShow(stage: Stage, approval: Approval, call: GatedCall): Promise<void> {
  const text = await stage.show(approval, "approver");
  const hidden = stage.spell(call).filter((words) => !text.includes(words));
  must(
    hidden.length === 0,
    `the person must see ${list(hidden.map(cut))} before the yes, and it is not shown`,
  );
}

/** A call or an effect as one line, whatever the order of its arguments. */
export function written({ action, args }: Effect): string {
  const sorted = Object.entries(args).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return cut(`${action} ${JSON.stringify(Object.fromEntries(sorted))}`);
}

const SHOWN_MAX = 160;

/** Long words by their two ends and their length: a report is for reading. */
export function cut(words: string): string {
  if (words.length <= SHOWN_MAX) return words;
  return `${words.slice(0, 90)}… (${words.length} characters) …${words.slice(-50)}`;
}

const LISTED_MAX = 4;

function list(words: readonly string[]): string {
  if (words.length === 0) return "nothing";
  const more = words.length - LISTED_MAX;
  return `${words.slice(0, LISTED_MAX).join(" and ")}${more > 0 ? ` and ${more} more` : ""}`;
}
