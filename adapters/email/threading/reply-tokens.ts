/**
 * Marks by which a mail finds the reply it belongs to where Message-IDs do not survive: a plus part (RFC 5233) of the
 * address it was sent to, or a short tag in the subject. A mark names a Message-ID of ours and proves that we made it. It
 * says nothing about who uses it: it threads, and never identifies.
 */

import { createHash, createHmac } from "node:crypto";
import { currentKey, isMadeWith, type Keys } from "#core/connection/signing-keys.ts";
import { valuesOf, type Head } from "#email/mime/headers.ts";

/** `t`: the Reply-To of a reply. `b`: the return path of a mail, to which only programs write. */
type Kind = "t" | "b";

/** By what marks are made and known again. */
export interface TokenOptions {
  readonly instance: string;
  readonly secret: Keys;
  readonly messageIdDomain: string;
}

/** RFC 4648 section 6 in lower case: servers on the way may change the case of an address. */
const LETTERS = "abcdefghijklmnopqrstuvwxyz234567";
/** 60 bits: each guess costs a mail, and a right one only threads. */
const PROOF_LENGTH = 12;
const TAG_ID_LENGTH = 6;
const TAG_PROOF_LENGTH = 6;
/** RFC 5321 section 4.5.3.1.1. */
const LOCAL_PART_MAX = 64;
const VALUE_LENGTH_MAX = 20_000;
/** Of one mail; no mail is written to more of ours at once. */
const TOKENS_MAX = 4;

/** Where servers write the address a mail was really sent to, and where its writer did. */
const ADDRESS_FIELDS = ["delivered-to", "x-original-to", "envelope-to", "to", "cc"] as const;

/** Our address with the mark of this reply in it; null where it would be longer than an address may be. */
export function tokenAddress(
  kind: Kind,
  address: string,
  messageId: string,
  maker: TokenOptions,
): string | null {
  const at = address.lastIndexOf("@");
  const hash = /^r\.([0-9a-f]{32})@/.exec(messageId)?.[1];
  if (hash === undefined || at < 1) return null;
  const id = letters(Buffer.from(hash, "hex"));
  const proof = proofOf(kind, id, maker, currentKey(maker.secret));
  const local = `${address.slice(0, at)}+${kind}.${id}.${proof}`;
  return local.length <= LOCAL_PART_MAX ? `${local}${address.slice(at)}` : null;
}

/** The Message-IDs of ours that the addresses of a mail name. This proves nothing about who wrote them there. */
export function messageIdsInTokens(
  head: Head,
  kind: Kind,
  maker: TokenOptions,
  fields: readonly string[] = ADDRESS_FIELDS,
): readonly string[] {
  const found = fields
    .flatMap((name) => valuesOf(head, name))
    .flatMap((value) => [
      ...value
        .slice(0, VALUE_LENGTH_MAX)
        .toLowerCase()
        .matchAll(/\+([tb])\.([a-z2-7]{26})\.([a-z2-7]{12})@/g),
    ])
    .slice(0, TOKENS_MAX);
  const ids = found.flatMap(([, given, id = "", proof = ""]) =>
    given === kind && isMadeWith(maker.secret, proof, (secret) => proofOf(kind, id, maker, secret))
      ? [messageIdOf(id, maker)]
      : [],
  );
  return [...new Set(ids)];
}

/** A tag for the subject of this reply, such as `[#k3v9...]`, where the address cannot carry a mark. */
export function subjectTag(messageId: string, maker: TokenOptions): string {
  const digest = createHash("sha256").update(messageId).digest();
  const id = letters(digest).slice(0, TAG_ID_LENGTH);
  return `[#${id}${tagProof(id, maker, currentKey(maker.secret))}]`;
}

/** The tags of ours in a subject, as they stand there. What we did not make is no tag. */
export function subjectTagsIn(subject: string, maker: TokenOptions): readonly string[] {
  const found = [
    ...subject.slice(0, VALUE_LENGTH_MAX).matchAll(/\[#([a-z2-7]{6})([a-z2-7]{6})\]/g),
  ];
  return found
    .slice(0, TOKENS_MAX)
    .flatMap(([tag, id = "", proof = ""]) =>
      isMadeWith(maker.secret, proof, (secret) => tagProof(id, maker, secret)) ? [tag] : [],
    );
}

function proofOf(kind: Kind, id: string, { instance }: TokenOptions, secret: string): string {
  return hmac(`plus\n${instance}\n${kind}\n${id}`, secret).slice(0, PROOF_LENGTH);
}

function tagProof(id: string, { instance }: TokenOptions, secret: string): string {
  return hmac(`tag\n${instance}\n${id}`, secret).slice(0, TAG_PROOF_LENGTH);
}

function hmac(text: string, secret: string): string {
  return letters(createHmac("sha256", secret).update(text).digest());
}

/** Five bits a letter; the last one is filled up with zeros. */
function letters(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  return (bits.match(/.{1,5}/g) ?? [])
    .map((five) => LETTERS.charAt(Number.parseInt(five.padEnd(5, "0"), 2)))
    .join("");
}

/** The Message-ID whose hash these letters are; the two bits they have more than it are not looked at. */
function messageIdOf(id: string, { messageIdDomain }: TokenOptions): string {
  const bits = id
    .split("")
    .map((letter) => LETTERS.indexOf(letter).toString(2).padStart(5, "0"))
    .join("");
  const hex = (bits.slice(0, 128).match(/.{4}/g) ?? [])
    .map((four) => Number.parseInt(four, 2).toString(16))
    .join("");
  return `r.${hex}@${messageIdDomain}`;
}
