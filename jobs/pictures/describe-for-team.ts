/**
 * Room: pictures customers sent, described for the team.
 * In: a teammate's wish to have one described.
 * Out: a description kept with the file, what it cost, and an entry in the audit; or the reason why there is none.
 * May touch: the database, kept files and, through the describer, one model; never a turn, a card or a channel.
 */
import type { PictureAnswer, PictureDescriber } from "#core/contracts/model.ts";
import { digest } from "#core/values/canonical-json.ts";
import { bytesOrNull } from "#store/blobs/storage.ts";
import {
  pictureType,
  findFile,
  type StoredFile,
  pictureDescriptions,
  keepDescription,
} from "#store/inbox/attachments.ts";
import type { Policy } from "#core/contracts/policy.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { usedUpCap } from "#jobs/turn/limits.ts";
import { appendAudit } from "#store/audit/audit-log.ts";
import { addUsage } from "#store/effects/usage.ts";

/** A larger picture is not sent to a model: it travels as text a third longer. No channel keeps larger files either. */
export const DESCRIBED_BYTES_MAX = 10_000_000;

/**
 * How a wish ended. `unknown`: there is no such file any more. `unfit`: it is no picture by its bytes, or too large.
 * `capped`: the policy's caps leave nothing to spend. `unavailable`, `refused`: the model gave no description.
 */
export type DescribedOutcome =
  | "described"
  | "unknown"
  | "unfit"
  | "capped"
  | "unavailable"
  | "refused";

type Parts = Pick<JobContext, "store" | "blobs" | "clock" | "pseudonym"> & {
  readonly policy: Pick<Policy, "caps">;
};

/** Has a picture described for this teammate. One that is described already is not asked about again. */
export type DescribeForTeam = (fileId: string, author: string) => Promise<DescribedOutcome>;

/** The way to have pictures described. A second wish for the same picture waits for the first, so that it costs once. */
export function describingForTeam(parts: Parts, describer: PictureDescriber): DescribeForTeam {
  const underWay = new Map<string, Promise<DescribedOutcome>>();
  return async (fileId, author) => {
    const first = underWay.get(fileId);
    if (first !== undefined) return first;
    const work = describe(parts, describer, { fileId, author });
    underWay.set(fileId, work);
    try {
      return await work;
    } finally {
      underWay.delete(fileId);
    }
  };
}

async function describe(
  parts: Parts,
  describer: PictureDescriber,
  { fileId, author }: { readonly fileId: string; readonly author: string },
): Promise<DescribedOutcome> {
  const { file, isDescribed } = await parts.store.run(async (transaction) => {
    const found = await findFile(transaction, fileId);
    return {
      file: found,
      isDescribed: found !== null && (await pictureDescriptions(transaction, [found])).has(fileId),
    };
  });
  if (file === null) return "unknown";
  if (isDescribed) return "described";
  const bytes = await bytesOrNull(parts.blobs, file.blobRef);
  if (bytes === null) return "unknown";
  if ((await usedUpCap(parts, file.conversationId)) !== null) return "capped";
  const dataUrl = pictureDataUrl(bytes);
  if (dataUrl === null) return "unfit";
  const answer = await describer.describe(dataUrl);
  await record(parts, answer, { file, author, model: describer.model });
  if ("words" in answer.told) return "described";
  return answer.told.problem === "model.unavailable" ? "unavailable" : "refused";
}

/** The picture by its bytes, whatever its name and sender say; null for what is none or too large. */
function pictureDataUrl(bytes: Uint8Array): string | null {
  const type = bytes.length > DESCRIBED_BYTES_MAX ? null : pictureType(bytes);
  return type === null ? null : `data:${type};base64,${Buffer.from(bytes).toString("base64")}`;
}

/** The cost counts and the audit tells of it whatever the model said; its words are in the audit as a digest alone. */
async function record(
  { store, clock, pseudonym }: Parts,
  { told, spent }: PictureAnswer,
  {
    file,
    author,
    model,
  }: { readonly file: StoredFile; readonly author: string; readonly model: string },
): Promise<void> {
  const data = {
    file: file.id,
    conversation: file.conversationId,
    model,
    tokens: spent.inputTokens + spent.outputTokens,
    result: "words" in told ? digest(told.words) : told.problem,
  };
  await store.run(async (transaction) => {
    await addUsage(transaction, spent);
    if ("words" in told) await keepDescription(transaction, file.id, told.words);
    const by = await pseudonym(transaction, author);
    await appendAudit(
      transaction,
      { kind: "picture_described", data: { ...data, by } },
      clock.now(),
    );
  });
}
