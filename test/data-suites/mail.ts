import { join } from "node:path";
import { z } from "zod";
import { classifyMail } from "#email/classify/classify-mail.ts";
import { splitReply } from "#email/parse/split-reply.ts";
import { labelledLines } from "#evals/labelled-lines.ts";
import { type Measure, measuresOf, type Setting } from "./measure.ts";

const Raw = z.object({
  id: z.string(),
  label: z.enum(["bounce", "human"]),
  raw_latin1: z.string(),
});
const Quote = z.object({
  mode: z.enum(["exact", "contains"]),
  text: z.string(),
  /** Null for mails without an expected answer; they are left out. */
  expected: z.string().nullable(),
});

const measure = measuresOf("mail");

/** Whether bounces are told from people's mail, and whether what is left of a mail is what its writer added. */
export async function mail(setting: Setting): Promise<readonly Measure[]> {
  return [...(await automatic(setting)), ...(await quotes(setting))];
}

async function automatic({ folder, progress }: Setting): Promise<readonly Measure[]> {
  progress("mail: bounces and people");
  const bounces = { of: 0, told: 0 };
  const people = { of: 0, told: 0 };
  const exact = { of: 0, told: 0 };
  for (const { id, label, raw_latin1 } of labelledLines(
    join(folder, "email", "automail.jsonl"),
    Raw,
  )) {
    const own = { messageIdDomain: "ourshop.test", inboxes: ["support@ourshop.test"] };
    const told = classifyMail(Buffer.from(raw_latin1, "latin1"), own);
    const tally = label === "bounce" ? bounces : people;
    tally.of += 1;
    if ((told.class === "human") === (label === "human")) tally.told += 1;
    if (told.class === label) exact.told += 1;
    exact.of += 1;
    // A sender that takes no answers is no person to answer, no matter who wrote the text.
    if (label === "human" && told.class !== "human")
      progress(`mail: ${id} is no person's: ${told.reasons.join("; ")}`);
    if (label === "bounce" && told.class === "human") progress(`mail: ${id} would be answered`);
  }
  return [
    measure("bounces that are never answered", bounces.told, bounces.of),
    measure("people's mails that may be answered", people.told, people.of),
    measure("mails told for exactly what they are", exact.told, exact.of),
  ];
}

async function quotes({ folder, progress }: Setting): Promise<readonly Measure[]> {
  progress("mail: quotes");
  const tally = { of: 0, told: 0 };
  for (const row of labelledLines(join(folder, "email", "quotes.jsonl"), Quote)) {
    if (row.expected === null) continue;
    const left = plain(splitReply(row.text).text);
    const wanted = plain(row.expected);
    tally.of += 1;
    if (row.mode === "exact" ? left === wanted : left.includes(wanted)) tally.told += 1;
  }
  return [measure("replies cut out of the mail around them", tally.told, tally.of)];
}

/** Space at the ends of lines and of the text is not part of the text. */
function plain(text: string): string {
  return text
    .replaceAll("\r\n", "\n")
    .replaceAll(/[ \t]+$/gm, "")
    .trim();
}
