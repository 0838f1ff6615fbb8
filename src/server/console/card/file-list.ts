/**
 * Files customers sent. They are offered as downloads, never shown as a page, since they are not trusted; pictures are
 * shown as well, as pixels from a person whose word was not checked.
 */

import type { StoredFile } from "#store/inbox/attachments.ts";
import { html, type Html, type HtmlValue } from "#server/http/html.ts";
import { markedPieces } from "#core/values/marked-words.ts";

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
      <p class="soft">No person has checked this, and the customer chose the picture.</p>`;
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

// Text with marked words as markup.

/** The text, escaped; what the guard found in it is marked. */
export function withMarks(text: string): Html {
  return html`${markedPieces(text).map(({ text: words, isMarked }) =>
    isMarked ? html`<mark>${words}</mark>` : words,
  )}`;
}
