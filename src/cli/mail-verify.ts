/** The command `mail`: examines saved mails by the rules for incoming mail. */

import type { Command } from "commander";
import { z } from "zod";
import type { IdentityLevel } from "#core/values/identity.ts";
import { wrapped, capitalised } from "#core/values/words.ts";
import { type CommandContext, typedFile } from "./command-parts.ts";
import { explainSender, type SenderReport } from "#email/sender-auth/sender-identity.ts";

const Options = z.object({
  at: z
    .string()
    .pipe(z.coerce.date({ error: "--at is a time, such as 2026-11-20T17:00Z" }))
    .optional(),
  json: z.boolean().default(false),
});

/** Adds `mail verify`, which reads one file and asks DNS, but no running Deskhand. */
export function addMailCommands(
  program: Command,
  { mail, clock, print }: Pick<CommandContext, "mail" | "clock" | "print">,
): void {
  program
    .command("mail")
    .description("examines mails in files; sends and stores nothing")
    .command("verify <file>")
    .description("shows how well a saved mail proves its sender, why, and what would prove more")
    .option("--at <time>", "judge as of this time; by default the time of arrival")
    .option("--json", "for a program")
    .action(async (file: string, given: unknown) => {
      const options = Options.safeParse(given);
      if (!options.success) throw new Error(options.error.issues[0]?.message ?? "unknown options");
      const { at, json } = options.data;
      const report = await explainSender(typedFile(file), {
        ownServer: null,
        ours: null,
        ...mail,
        clock,
        at,
      });
      if (report === null)
        throw new Error(`${file} has no mail headers: save the mail with all its headers (.eml)`);
      print(json ? JSON.stringify(report, null, 2) : senderReportText(report));
    });
}

const LEVELS: Readonly<Record<IdentityLevel, readonly [name: string, means: string]>> = {
  0: [
    "0, unknown",
    "No answer goes out by itself: a person looks at it, and no account is looked up.",
  ],
  1: [
    "1, claimed",
    "General questions are answered. No account data and no action before a one-time code is entered.",
  ],
  2: [
    "2, verified",
    "Questions about the customer's own account are answered; actions follow the policy.",
  ],
  3: ["3, confirmed", "A one-time code was entered."],
};

const TO_READ =
  "Questions about the customer's own account are answered; what changes something asks a person, or needs a one-time code.";

function senderReportText(report: SenderReport): string {
  const [level, means] = LEVELS[report.level];
  const rows: readonly (readonly [string, readonly string[]])[] = [
    ["From", report.from.length === 0 ? ["(no From header)"] : report.from],
    ["Address", [report.address ?? "none that can be believed"]],
    ["Level", [level]],
    ["Why", [`${capitalised(report.reason)}.`]],
    ["Means", [report.actingLevel < report.level ? TO_READ : means]],
    ["To raise it", [report.advice ?? "Only a one-time code proves more (level 3)."]],
    ["", []],
    ["DKIM", dkimLines(report)],
    ["DMARC", [dmarcLine(report)]],
    [
      "SPF",
      ["only what your own server says of it, and only where a signature leaves To and Cc open"],
    ],
    ["Your server", serverLines(report)],
    ["Reply-To", replyToLines(report)],
    ["Judged as of", [`${minute(report.judgedAt)}, ${report.judgedAtBecause}`]],
  ];
  return rows.flatMap(([name, lines]) => block(name, lines)).join("\n");
}

const NAME_WIDTH = 14;
const LINE_WIDTH = 100;

/** A name, with its lines next to it, wrapped between words. */
function block(name: string, lines: readonly string[]): readonly string[] {
  if (lines.length === 0) return [name];
  const broken = lines.flatMap((line) => wrapped(printable(line), LINE_WIDTH - NAME_WIDTH, "  "));
  return broken.map((line, index) => `${(index === 0 ? name : "").padEnd(NAME_WIDTH)}${line}`);
}

/** A mail's text must not control the terminal or change the direction of the line. */
function printable(words: string): string {
  return words.replaceAll(/[\p{Cc}\p{Cf}]/gu, "\u{FFFD}").slice(0, 1_000);
}

function minute(iso: string): string {
  return `${iso.slice(0, 16).replace("T", " ")} UTC`;
}

function dkimLines({ dkim, dmarc }: SenderReport): readonly string[] {
  if (dmarc === null) return ["not looked at"];
  if (dkim.length === 0) return ["not signed"];
  return dkim.flatMap((signature) => {
    const { domain, selector, result, comment, aligned, headers, signedAt } = signature;
    const about = [
      aligned
        ? "the From address's own organisation"
        : "another organisation than the From address",
      ...(signature.unsignedBytes > 0
        ? [`leaves ${signature.unsignedBytes} bytes at the end unsigned (l=)`]
        : ["whole body"]),
      ...(signature.testing ? ["a key for tests"] : []),
      ...(signedAt === null ? [] : [`signed ${minute(signedAt)}`]),
    ];
    return [
      `${result}${comment === null ? "" : ` (${comment})`}: ${domain}, key ${selector}; ${about.join("; ")}`,
      `  covers ${[...new Set(headers)].join(", ") || "no header"}`,
    ];
  });
}

function dmarcLine({ dmarc }: SenderReport): string {
  if (dmarc === null) return "not looked at";
  const { result, policy } = dmarc;
  if (result === "none") return "the domain publishes no policy; the signature alone decides";
  if (result === "unusable") return "cannot be evaluated: From names no single domain";
  if (result.startsWith("temp")) return "DNS did not answer";
  return `${result}${policy === null ? "" : `; the domain asks others to treat failing mail with "${policy}"`}`;
}

function serverLines({ authenticationResults: found }: SenderReport): readonly string[] {
  const { authservId, hops, headers, trusted } = found;
  const others = `${headers} Authentication-Results header${headers === 1 ? "" : "s"}`;
  if (authservId === null)
    return [
      headers === 0
        ? "no Authentication-Results in the mail; MAIL_AUTHSERV_ID is not set"
        : `${others} not read: MAIL_AUTHSERV_ID is not set, and any sender can write one`,
    ];
  if (trusted === null)
    return [
      `nothing of ${authservId} where only your servers write: above or right below Received line ${hops} from the top (${others} in all)`,
    ];
  if (trusted.length === 0) return [`${authservId} says nothing`];
  return trusted.map(({ method, result, properties }) => {
    const more = Object.entries(properties).map(([name, value]) => `${name}=${value}`);
    return `${authservId}: ${[`${method}=${result}`, ...more].join(" ")}`;
  });
}

function replyToLines(report: SenderReport): readonly string[] {
  const { replyTo, replyToIgnored, accountAnswersTo, address } = report;
  const answers = address === null ? [] : [`answers go to ${address}`];
  if (replyTo.length === 0) return [["none", ...answers].join("; ")];
  return [
    ...replyTo,
    replyToIgnored === null
      ? `followed for answers without account data; account data goes to ${accountAnswersTo ?? "no address"}`
      : [`not followed: ${replyToIgnored}`, ...answers].join("; "),
  ];
}
