/**
 * How far a mail proves its sender, as a pure function of what was found out. Only a DKIM signature that passes, covers
 * the whole body and the headers that matter, belongs to the organisation of the one From address, and is fresh proves
 * it; the name shown, Reply-To, ARC seals, SPF and Authentication-Results do not. Where the signature leaves open to whom
 * the mail was written, a second witness is needed: an answer of ours to this sender that the signed body quotes, or the
 * SPF result of the operator's own server.
 */

import {
  envelopeSender,
  serverObjection,
  type OwnServer,
  type ServerResult,
} from "./authentication-results.ts";
import { addressDomain, ownAddressesIn } from "#email/mime/addresses.ts";
import { dateIn, valueOf, headerValues, messageIdsIn, type Head } from "#email/mime/headers.ts";
import { type Signature, type Signatures, unsignedHeadersProblem, type BodyEdges } from "./dkim.ts";

/** The level with its reason and, in a sentence for people, what would raise it. */
export interface SenderVerdict {
  readonly level: 1 | 2;
  readonly reason: string;
  /** Null at the highest level mail can have. */
  readonly advice: string | null;
  /** The signature that proves it; null at level 1. */
  readonly signature: Signature | null;
  /** By the signature alone, or with a second witness. */
  readonly method: "dkim" | "dkim+reference" | "dkim+spf";
}

/** What is judged. */
export interface SenderEvidence {
  readonly address: string;
  readonly head: Head;
  readonly signatures: Signatures;
  readonly receivedAt: Date;
  readonly body: BodyEdges;
  /** Every address under which mail reaches us, in lower case; null where unknown, and then this is not checked. */
  readonly ours: readonly string[] | null;
  /** What the operator's own server said; null when none is configured or nothing of it was found. */
  readonly serverSaid: readonly ServerResult[] | null;
  readonly ownServer: OwnServer | null;
  /** Whether it quotes an answer of ours to this address; null where such a quote is no witness. */
  readonly answered: boolean | null;
}

/** A signed mail that is sent again later still verifies, so an old one proves nothing about today. */
const AGE_MAX_MS = 7 * 24 * 60 * 60_000;
/** Of a mail whose signature does not say to whom it was written: time to arrive, and hardly any to be sent on. */
const WITNESSED_AGE_MAX_MS = 15 * 60_000;
/** Clocks are wrong by hours, not by days; a Date far ahead would keep a mail young for ever. */
const AHEAD_MAX_MS = 24 * 60 * 60_000;
/** RFC 5322 section 3.6 allows each once. Of two, a signature covers one and a reader may be shown the other. */
const ONCE = ["subject", "date", "message-id", "content-type", "content-transfer-encoding"];
/** Deskhand acts on these besides the body, so only the sender may have written them. */
const COVERED = ["date", "subject"];

/** `proof` is the signature that everything rests on; null where there is none. */
type Rule = (
  evidence: SenderEvidence,
  proof: Signature | null,
) => Pick<SenderVerdict, "reason" | "advice"> | null;

/** Each rule may refuse; the first that does is the reason. The order is from what is wrong with the mail to what is wrong with its proof. */
const RULES: readonly Rule[] = [
  fromIsPlain,
  isSigned,
  policyHolds,
  headersHold,
  shapeHolds,
  isToUs,
  isFresh,
  serverAgrees,
];

/** Judges. The same evidence always gives the same verdict. */
export function judgeSender(evidence: SenderEvidence): SenderVerdict {
  const signature = provingSignature(evidence);
  for (const rule of RULES) {
    const refusal = rule(evidence, signature);
    if (refusal !== null) return { level: 1, signature: null, method: "dkim", ...refusal };
  }
  const domain = addressDomain(evidence.address);
  const matches = `DKIM signature of ${signature?.domain ?? domain} matches the From address`;
  const method = isRecipientOpen(evidence, signature) ? witness(evidence) : "dkim";
  const reason = `${matches}${WITNESSED[method]}${letters(domain)}`;
  return { level: 2, reason, advice: null, signature, method };
}

const WITNESSED: Readonly<Record<SenderVerdict["method"], string>> = {
  dkim: "",
  "dkim+reference": ", and what it signs quotes an answer of ours to this address",
  "dkim+spf": ", and our mail server says spf=pass for it",
};

function witness({ answered }: SenderEvidence): "dkim+reference" | "dkim+spf" {
  return answered === true ? "dkim+reference" : "dkim+spf";
}

/** The signature everything rests on: it passes, is the sender's own, and leaves nothing out. */
function provingSignature({ signatures }: SenderEvidence): Signature | null {
  const usable = signatures.dkim.filter(
    (signature) => signature.result === "pass" && signature.aligned && coversAll(signature),
  );
  return usable.find(({ headers }) => headers.includes("reply-to")) ?? usable[0] ?? null;
}

/** `l=` leaves what was appended unsigned, and a signature without From says nothing about the sender. */
export function coversAll({ unsignedBytes, headers }: Signature): boolean {
  return unsignedBytes === 0 && headers.includes("from");
}

function fromIsPlain({ address, signatures }: SenderEvidence): ReturnType<Rule> {
  if (signatures.dmarc.result !== "unusable" && signatures.from === address) return null;
  return {
    reason: "the From header can be read in more than one way",
    advice: "The sender's program has to write one From header with one plain address.",
  };
}

const ASK_AGAIN =
  "DNS has to answer. Every mail is checked anew, so the sender's next one can be verified.";
const SEALED = "; that a forwarder vouches for it (ARC) does not count";

function isSigned(
  { signatures, address, head }: SenderEvidence,
  proof: Signature | null,
): ReturnType<Rule> {
  if (proof !== null) return null;
  const domain = addressDomain(address);
  const { reason, advice } = whyNot(signatures.dkim, domain);
  const failed = signatures.dmarc.result === "fail" ? `, and DMARC of ${domain} fails` : "";
  const sealed = headerValues(head, "arc-seal").length > 0 ? SEALED : "";
  return { reason: `${reason}${failed}${sealed}`, advice };
}

function whyNot(all: readonly Signature[], domain: string): { reason: string; advice: string } {
  const passed = all.filter(({ result }) => result === "pass");
  const own = passed.filter(({ aligned }) => aligned);
  if (own.length > 0)
    return {
      reason: "the signature covers only part of the mail",
      advice: `${domain} has to sign whole mails: without l= and with From among the signed headers.`,
    };
  if (all.some(({ result }) => result.startsWith("temp")))
    return { reason: "the sender's DNS cannot be asked right now", advice: ASK_AGAIN };
  const [other] = passed;
  if (other !== undefined)
    return {
      reason: `signed by another domain than ${domain}: ${other.domain}`,
      advice: `${domain} has to sign its mails itself, or let its mail service sign with d=${domain}.`,
    };
  const [broken] = all;
  if (broken === undefined)
    return {
      reason: "the mail is not signed",
      advice: `${domain} has to sign its mails with DKIM. Its mail service can switch that on.`,
    };
  return whatBroke(all.find(({ aligned }) => aligned) ?? broken);
}

const AS_SIGNED =
  "The mail has to arrive as it was signed. Lists, forwarders and virus scanners that change it break the signature.";

/** What the verifier's own words for a failed signature mean to people. */
function whatBroke({ domain, selector, comment, result }: Signature) {
  switch (comment ?? "") {
    case "body hash did not verify":
      return { reason: "the text was changed after it was signed", advice: AS_SIGNED };
    case "bad signature":
      return { reason: "a header was changed after it was signed", advice: AS_SIGNED };
    case "no key":
      return {
        reason: `no key ${selector} is published for the signature of ${domain}`,
        advice: `${domain} has to publish its DKIM key at ${selector}._domainkey.${domain}.`,
      };
    case "expired":
      return { reason: "the signature has expired", advice: "The sender has to write a new mail." };
    default:
      return {
        reason: `the signature does not hold (${comment ?? result})`,
        advice: `${domain} has to mend its DKIM signature or its key.`,
      };
  }
}

function policyHolds({ signatures: { dmarc }, address }: SenderEvidence): ReturnType<Rule> {
  if (dmarc.result.startsWith("temp"))
    return { reason: "the sender's DNS cannot be asked right now", advice: ASK_AGAIN };
  return dmarc.result === "fail"
    ? {
        reason: `DMARC of ${addressDomain(address)} fails`,
        advice: `The signature has to satisfy the policy that ${addressDomain(address)} publishes.`,
      }
    : null;
}

function headersHold({ head }: SenderEvidence, proof: Signature | null): ReturnType<Rule> {
  const twice = ONCE.find((name) => headerValues(head, name).length > 1);
  if (twice !== undefined)
    return {
      reason: `the mail has more than one ${shown(twice)} header, and only one of them is signed or shown`,
      advice: `The sender's program has to write ${shown(twice)} once.`,
    };
  const open = COVERED.find(
    (name) => headerValues(head, name).length > 0 && proof?.headers.includes(name) !== true,
  );
  if (open !== undefined)
    return {
      reason: `the signature does not cover ${shown(open)}, so any server on the way may have changed it`,
      advice: `The sender's domain has to sign ${shown(open)} too.`,
    };
  return proof?.testing === true
    ? {
        reason: `${proof.domain} publishes its signing key as a test only (t=y)`,
        advice: `${proof.domain} has to take t=y out of its key record.`,
      }
    : null;
}

/** The same signed bytes can be read as another text under another header. */
function shapeHolds(
  { head, body, address }: SenderEvidence,
  proof: Signature | null,
): ReturnType<Rule> {
  const open = unsignedHeadersProblem(head, proof?.headers ?? [], body);
  return open === null
    ? null
    : {
        reason: `the signature does not cover ${shown(open)}, and the body does not say the same by itself`,
        advice: `${addressDomain(address)} has to sign ${shown(open)} too.`,
      };
}

/** Where a mail says to whom it was written. */
const RECIPIENTS = ["to", "cc"];

/** What To and Cc say, as far as a signature of these headers covers all of it: anyone may add a field. */
export function signedRecipients(head: Head, signed: readonly string[]): readonly string[] {
  return RECIPIENTS.flatMap((name) => {
    const values = headerValues(head, name);
    return values.length <= signed.filter((other) => other === name).length ? values : [];
  });
}

/** Microsoft 365 and Outlook.com sign neither To nor Cc. Then a second witness is needed. */
function isRecipientOpen({ ours }: SenderEvidence, proof: Signature | null): boolean {
  return ours !== null && !RECIPIENTS.some((name) => proof?.headers.includes(name));
}

/** Any recipient of a customer's signed mail can send the same bytes on to us. */
function isToUs(evidence: SenderEvidence, proof: Signature | null): ReturnType<Rule> {
  const { head, ours } = evidence;
  if (ours === null) return null;
  const isOpen = isRecipientOpen(evidence, proof);
  const written = isOpen
    ? headerValues(head, ...RECIPIENTS)
    : signedRecipients(head, proof?.headers ?? []);
  if (ownAddressesIn(written, ours).length > 0)
    return isOpen ? secondWitnessProblem(evidence, proof) : null;
  return {
    reason: `no address of ours stands in ${isOpen ? "To or Cc" : "a signed To or Cc"}, so it may have been written to others and sent on`,
    advice:
      "The sender has to write to our address in To or Cc, not in Bcc. An address that is forwarded to us has to stand among the aliases of its inbox.",
  };
}

/**
 * That it was written to us shows in a To that anyone may have changed. So its sender has to have signed an answer to a
 * mail of ours, or it has to come from its sender's own servers.
 */
function secondWitnessProblem(evidence: SenderEvidence, proof: Signature | null): ReturnType<Rule> {
  const { head, address, answered } = evidence;
  const problem = answered === true ? null : serverWitnessProblem(evidence);
  if (problem !== null) return problem;
  const isNamed = messageIdsIn(valueOf(head, "message-id")).length === 1;
  return isNamed && dateIn(valueOf(head, "date")) !== null && proof?.headers.includes("message-id")
    ? null
    : recipientOpen(
        "it covers no Date or no Message-ID",
        `${addressDomain(address)} has to sign Date and Message-ID.`,
      );
}

function recipientOpen(why: string, advice: string): NonNullable<ReturnType<Rule>> {
  return { reason: `the signature covers neither To nor Cc, and ${why}`, advice };
}

function serverWitnessProblem({
  serverSaid,
  ownServer,
  address,
  signatures,
  answered,
}: SenderEvidence): ReturnType<Rule> {
  if (ownServer?.isWitness !== true)
    return answered === null
      ? recipientOpen(
          "no second witness is set up",
          "Microsoft does not sign To, so the sender cannot mend this. Set MAIL_AUTHSERV_ID and MAIL_SECOND_WITNESS=on: your own server's spf=pass is then the second witness. Or set reference_line in the policy: a reply that quotes your answer is then proven.",
        )
      : recipientOpen(
          "it quotes no answer of ours to this address",
          "The sender has to reply to our newest answer and leave that quoted below.",
        );
  if (!ownServer.isSole)
    return recipientOpen(
      `not all inboxes are behind ${ownServer.authservId}`,
      "MAIL_AUTHSERV_ID names a second witness only where all inboxes are read from one host.",
    );
  const from = envelopeSender(serverSaid ?? []);
  return from !== null && isSameSender(from, address, signatures.dmarc.organisation)
    ? null
    : recipientOpen(
        `our mail server ${ownServer.authservId} does not say that a server of ${addressDomain(address)} sent it`,
        "The mail has to come from the sender's own server, not by a forwarder, and our server has to write spf=pass with smtp.mailfrom. Look at MAIL_AUTHSERV_ID and MAIL_TRUSTED_HOPS.",
      );
}

/** A whole address has to be the sender's. A domain alone, as some servers write it, is the sender's own with a policy. */
function isSameSender(from: string, address: string, organisation: string | null): boolean {
  return from.indexOf("@") > 0
    ? from === address
    : organisation !== null && from.replace("@", "") === addressDomain(address);
}

/** The older of the two dates counts, since the signature itself may be made long after the mail. */
function isFresh(evidence: SenderEvidence, proof: Signature | null): ReturnType<Rule> {
  const { head, receivedAt } = evidence;
  const isOpen = isRecipientOpen(evidence, proof);
  const [ageMaxMs, aheadMaxMs] = isOpen
    ? [WITNESSED_AGE_MAX_MS, WITNESSED_AGE_MAX_MS]
    : [AGE_MAX_MS, AHEAD_MAX_MS];
  const dates = [proof?.signedAt ?? null, dateIn(valueOf(head, "date"))].flatMap((date) =>
    date === null ? [] : [date.getTime()],
  );
  const advice = "The sender has to write a new mail.";
  if (dates.length === 0)
    return { reason: "nothing signed says when the mail was written", advice };
  if (receivedAt.getTime() - Math.min(...dates) > ageMaxMs)
    return {
      reason: `the signature is older than ${isOpen ? "15 minutes and covers neither To nor Cc" : "a week"}, so the mail may be sent again by others`,
      advice,
    };
  return Math.max(...dates) - receivedAt.getTime() > aheadMaxMs
    ? { reason: "the mail is dated in the future, so its age cannot be told", advice }
    : null;
}

function serverAgrees({ serverSaid, ownServer, address }: SenderEvidence): ReturnType<Rule> {
  if (serverSaid === null || ownServer === null) return null;
  const against = serverObjection(serverSaid, addressDomain(address));
  return against === null
    ? null
    : {
        reason: `our mail server ${ownServer.authservId} says ${against} for ${addressDomain(address)}`,
        advice:
          "Both checks have to agree. Look at what that server saw, and at MAIL_AUTHSERV_ID and MAIL_TRUSTED_HOPS.",
      };
}

/** Two domains in different letters can look the same; only their ASCII form (RFC 5890) is ever compared. */
function letters(domain: string): string {
  return /(?:^|\.)xn--/.test(domain)
    ? "; its domain is written in special letters and may look like another one"
    : "";
}

function shown(name: string): string {
  return name
    .replaceAll(/(?:^|-)[a-z]/g, (start) => start.toUpperCase())
    .replace("Message-Id", "Message-ID");
}
