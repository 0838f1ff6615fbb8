/** Reads Word documents. */
import mammoth from "mammoth";
import { reasonOf } from "#core/values/errors.ts";
import { documentOf, type ReadDocument, Unreadable } from "./document.ts";
import { markdownOfHtml } from "./html.ts";
import { zipSizeOf } from "./zip-size.ts";

/** What a document may unpack to; a person's documents are mostly pictures, which are not read. */
const UNPACKED_MAX = 200_000_000;
/** First bytes of the container in which Word encrypts a document ([MS-CFB] 2.2). */
const ENCRYPTED = Buffer.from("d0cf11e0a1b11ae1", "hex");

/** Reads a .docx file. Comments and field codes are left out. Throws `Unreadable`. */
export async function readDocx(bytes: Uint8Array): Promise<ReadDocument> {
  const buffer = Buffer.from(bytes);
  if (buffer.subarray(0, 8).equals(ENCRYPTED)) throw new Unreadable("it needs a password");
  const size = zipSizeOf(buffer);
  if (size === null) throw new Unreadable("it is damaged: its list of parts is missing");
  if (size > UNPACKED_MAX) throw new Unreadable("it would unpack to more than 200 MB");
  try {
    const { value } = await mammoth.convertToHtml({ buffer }, { convertImage: NO_IMAGES });
    const { text } = markdownOfHtml(value);
    return documentOf({ text, title: /^#+\s+(?<title>.+)$/m.exec(text)?.groups?.["title"] ?? "" });
  } catch (error) {
    throw new Unreadable(`it is damaged: ${reasonOf(error)}`);
  }
}

const NO_IMAGES = mammoth.images.imgElement(async () => ({ src: "" }));
