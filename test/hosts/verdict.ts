/** Judges one trouble by what customers found. Pure: the same evidence gives the same verdict. */
import { judge, type Evidence } from "#test/soak/verdict.ts";

/** A mail as its writer's mailbox shows it in the end. */
export interface WrittenMail {
  readonly from: string;
  readonly replies: number;
  /** Our mails that answer nothing the writer wrote. */
  readonly others: number;
}

/** Everything one verdict rests on. */
export interface HostsEvidence {
  readonly scenario: string;
  readonly seconds: number;
  readonly chats: Evidence;
  readonly mails: readonly WrittenMail[];
  /** Requests refused by a host that had no trouble. */
  readonly refused: number;
  /** Those refused by the host that had it; a load balancer sends them on. */
  readonly refusedByTroubled: number;
  /** True where no request may be refused at all, since both hosts are well. */
  readonly mayRefuseNothing: boolean;
  /** Until what the host did was done elsewhere; null where nothing has to move. */
  readonly takenOverMs: number | null;
  /** What is still open although there was time. */
  readonly leftOver: number;
}

/** The field names are those of the JSON the run prints. */
export interface HostsResult {
  readonly scenario: string;
  readonly ok: boolean;
  readonly seconds: number;
  readonly messages: number;
  readonly mails: number;
  readonly lost: number;
  readonly twice: number;
  readonly out_of_order: number;
  readonly refused: number;
  readonly refused_by_troubled: number;
  readonly taken_over_ms: number | null;
  readonly p50_ms: number;
  readonly p95_ms: number;
  readonly left_over: number;
  readonly reasons: readonly string[];
}

/** The limit of a take-over, in milliseconds. */
const TAKEN_OVER_MS_MAX = 10_000;

export function judgeHosts(evidence: HostsEvidence): HostsResult {
  const { mails, refused, refusedByTroubled, mayRefuseNothing, takenOverMs, leftOver } = evidence;
  const chats = judge(evidence.chats);
  const unanswered = mails.filter(({ replies }) => replies === 0);
  const doubled = mails.filter(({ replies, others }) => replies > 1 || others > 0);
  const unpaid = Math.max(0, chats.refunds_expected - chats.refunds_done);
  const overpaid = Math.max(0, chats.refunds_done - chats.refunds_expected);
  const refusals = refused + refusedByTroubled;
  const problems: readonly (readonly [boolean, string])[] = [
    [unpaid + overpaid > 0, `refunds: ${chats.refunds_expected} asked, ${chats.refunds_done} done`],
    [chats.others > 0, `${chats.others} messages ended otherwise than planned`],
    [mayRefuseNothing && refusals > 0, `${refusals} requests were refused`],
    [
      takenOverMs !== null && takenOverMs > TAKEN_OVER_MS_MAX,
      `taken over after ${takenOverMs} ms, more than ${TAKEN_OVER_MS_MAX} ms`,
    ],
    [leftOver !== 0, `${leftOver} messages and effects are still open`],
  ];
  const reasons = [
    ...chats.findings.map(({ what }) => what),
    ...unanswered.map(({ from }) => `the mail of ${from} has no answer`),
    ...doubled.map(
      ({ from, replies, others }) => `${from} has ${replies} answers and ${others} other mails`,
    ),
    ...problems.flatMap(([isThere, what]) => (isThere ? [what] : [])),
  ];
  return {
    scenario: evidence.scenario,
    ok: reasons.length === 0,
    seconds: evidence.seconds,
    messages: chats.accepted,
    mails: mails.length,
    lost: chats.lost + unanswered.length + unpaid,
    twice: chats.twice + doubled.length,
    out_of_order: chats.out_of_order,
    refused,
    refused_by_troubled: refusedByTroubled,
    taken_over_ms: takenOverMs,
    p50_ms: Math.round(chats.p50_ms),
    p95_ms: Math.round(chats.p95_ms),
    left_over: leftOver,
    reasons,
  };
}
