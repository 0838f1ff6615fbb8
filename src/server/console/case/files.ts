/**
 * Files customers sent. They are third-party data: offered as downloads and never shown as a page of ours; pictures are
 * shown as well, as pixels from a person whose word was not checked, and described by the model where a teammate asks.
 */

import { pictureType, findFile, type StoredFile } from "#store/inbox/attachments.ts";
import { bytesOrNull } from "#store/blobs/storage.ts";
import type { Response } from "express";
import { z } from "zod";
import {
  describingForTeam,
  DESCRIBED_BYTES_MAX,
  type DescribedOutcome,
} from "#jobs/pictures/describe-for-team.ts";
import { sends, type Subject } from "#server/console/frame.ts";
import { soft } from "#server/console/parts.ts";
import type { Caller, Visit, PageOptions } from "#server/console/session.ts";
import { html, type Html, type HtmlValue } from "#server/http/html.ts";
import { ApiRefusal } from "#server/http/problem.ts";

/** Files as a page shows them. */
export interface ShownFiles {
  readonly files: readonly StoredFile[];
  /** What a model said of pictures, by the id of the file. */
  readonly descriptions: ReadonlyMap<string, string>;
  /** The page on which a description can be asked for and is shown; null where no model sees. */
  readonly describeOn: string | null;
}

/** The form on the page that the buttons under pictures belong to, since a card is no place for another form. */
export const DESCRIBE_FORM: Html = html`<form id="describe" method="post" hidden=""></form>`;

/** The files of a message, each with a link to save it or the reason why it is not kept; nothing without files. */
export function fileList(shown: ShownFiles): HtmlValue {
  const { files } = shown;
  if (files.length === 0) return null;
  return html`<div class="files">
    <h3>Files</h3>
    <ul>
      ${files.map(fileLine)}
    </ul>
    ${files.filter(isPicture).map((file) => picture(file, shown))}
  </div>`;
}

const PICTURES = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);

/** By the type its sender named; the server gives only what is a picture by its bytes. */
function isPicture({ mediaType, blobRef }: StoredFile): boolean {
  return blobRef !== null && PICTURES.has(mediaType);
}

function picture({ id, name }: StoredFile, shown: ShownFiles): Html {
  const called = name === "" ? "a file without a name" : name;
  return html`<figure class="picture">
    <img
      src="/console/files/${id}/picture"
      alt="What the customer sent as ${called}"
      loading="lazy"
    />
    <figcaption class="soft">
      Sent by the customer and not checked: what it shows may not be true.
    </figcaption>
    ${described(id, shown)}
  </figure>`;
}

/** A description as plain text with its warning, or the button that asks for one; works without a script. */
function described(id: string, { descriptions, describeOn }: ShownFiles): HtmlValue {
  const words = descriptions.get(id);
  if (words !== undefined)
    return html`<p class="words" dir="auto">The model sees: ${words}</p>
      ${soft("No person has checked this, and the customer chose the picture.")}`;
  if (describeOn === null) return null;
  return html`<button
    type="submit"
    form="describe"
    formaction="/console/files/${id}/describe"
    name="page"
    value="${describeOn}"
  >
    Describe this picture
  </button>`;
}

function fileLine({ id, name, mediaType, bytes, reason, blobRef }: StoredFile): Html {
  const called = name === "" ? "file without a name" : name;
  const details = ` (${mediaType}, ${sizeText(bytes)})`;
  return blobRef === null
    ? html`<li class="words">${called}${details}: not opened, ${reason}</li>`
    : html`<li>
        <a href="/console/files/${id}" download=""><span class="words">${called}</span></a
        >${details}
      </li>`;
}

function sizeText(bytes: number): string {
  if (bytes < 1_000) return `${bytes} bytes`;
  return bytes < 1_000_000
    ? `${Math.round(bytes / 1_000)} kB`
    : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

// Their routes.

/** Whatever a file claims to be, a browser only saves it. */
const AS_DOWNLOAD = {
  "Content-Type": "application/octet-stream",
  "X-Content-Type-Options": "nosniff",
  "Content-Security-Policy": "default-src 'none'; sandbox",
  "Cross-Origin-Resource-Policy": "same-origin",
} as const;

/** A larger picture is offered as a download only. */
const PICTURE_BYTES_MAX = 20_000_000;

/** The case page, with the part of the thread and the message it was asked from. */
const Wish = z.object({
  page: z.string().regex(/^\/console\/case\/[^/?#\s]{1,600}(?:\?before=\d{1,16})?(?:#m\d{1,16})?$/),
});

/**
 * A download of each file, a view of what is a picture by its bytes, where a browser shows pixels and runs nothing, and
 * the form that has a picture described: without a model that sees, there is nothing under its address.
 */
export function customerFiles(parts: PageOptions["parts"]): Subject {
  const describe = parts.pictures === null ? null : describingForTeam(parts, parts.pictures);
  return {
    place: "/console",
    files: { "/files/:id/picture": showPicture, "/files/:id": saveFile },
    forms: {
      "/files/:id/describe":
        describe === null
          ? () => Promise.resolve(null)
          : sends(Wish, async (visit: Visit, { page }) => {
              const outcome = await describe(visit.named("id"), visit.email);
              if (outcome === "unknown") return null;
              // Back to the same place on the case page, which shows the description or says why there is none.
              if (outcome === "described") return page;
              const address = new URL(page, "http://console.invalid");
              address.searchParams.set("undescribed", outcome);
              return `${address.pathname}${address.search}`;
            }),
    },
  };
}

/** The file with its bytes. Throws for one that is not kept. */
async function openedFile({ run, named, parts }: Caller) {
  const file = await run(findFile, named("id"));
  const bytes = await bytesOrNull(parts.blobs, file?.blobRef ?? null);
  if (file === null || bytes === null)
    throw new ApiRefusal(404, "not_found", "this file is not kept here");
  return { name: file.name, bytes: Buffer.from(bytes) };
}

async function showPicture(caller: Caller, response: Response): Promise<void> {
  const { bytes } = await openedFile(caller);
  const type = bytes.length > PICTURE_BYTES_MAX ? null : pictureType(bytes);
  if (type === null) throw new ApiRefusal(404, "not_found", "this picture is not kept here");
  response.set(AS_DOWNLOAD).set("Content-Type", type).send(bytes);
}

async function saveFile(caller: Caller, response: Response): Promise<void> {
  const { name, bytes } = await openedFile(caller);
  response
    .set(AS_DOWNLOAD)
    // Express writes the name as RFC 6266 requires: nothing in it can end the header.
    .attachment(savedName(name))
    .set("Content-Type", AS_DOWNLOAD["Content-Type"])
    .send(bytes);
}

/** A file name is third-party text: no path, and no characters that reverse the rest of it. */
function savedName(name: string): string {
  const plain = name
    .split(/[/\\]/)
    .at(-1)
    ?.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, "")
    .replace(/^\.+/, "")
    .slice(0, 150)
    .toWellFormed();
  return plain === undefined || plain === "" ? "file" : plain;
}

type Problem = Exclude<DescribedOutcome, "described" | "unknown">;

const PROBLEMS: Readonly<Record<Problem, string>> = {
  unfit: `its bytes are not those of a PNG, JPEG, GIF or WebP picture, or it is larger than ${DESCRIBED_BYTES_MAX / 1_000_000} MB. Save the file to look at it.`,
  capped:
    "what may be spent on this conversation or on a day is used up. Look at it yourself, try again tomorrow, or have a lead raise caps in the policy.",
  unavailable:
    "the model did not answer in time, or is busy or away. Nothing was kept; try again in a minute.",
  refused:
    "the model refused it, or answered with what cannot be used. Nothing was kept; look at it yourself. If this happens with every picture, the model takes none: an admin can set DESKHAND_MODEL_PICTURES to off.",
};

/** Why the picture that was asked about just now has no description; nothing on a page opened otherwise. */
export function undescribedView({ asked }: Visit): HtmlValue {
  const words = Object.entries(PROBLEMS).find(([name]) => name === asked("undescribed"))?.[1];
  return (
    words !== undefined &&
    html`<p class="notice warn" role="alert">The picture was not described: ${words}</p>`
  );
}
