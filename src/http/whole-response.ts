/** A response whose body has arrived already. */
import type { IncomingMessage } from "node:http";
import { promisify } from "node:util";
import { brotliDecompress, gunzip, inflate } from "node:zlib";
import { AnswerTooLarge } from "#core/connection/http-answer.ts";

const UNPACKERS: ReadonlyMap<string, (bytes: Uint8Array, limit: object) => Promise<Buffer>> =
  new Map([
    ["gzip", promisify(gunzip)],
    ["x-gzip", promisify(gunzip)],
    ["deflate", promisify(inflate)],
    ["br", promisify(brotliDecompress)],
  ]);

/** The bytes of a body as they were packed. Rejects beyond `bytesMax`, also once unpacked, and for an unknown packing. */
export async function unpackedBody(
  bytes: Buffer,
  packing: string | undefined,
  bytesMax: number,
): Promise<Buffer> {
  if (packing === undefined || packing === "" || packing === "identity") return bytes;
  const unpack = UNPACKERS.get(packing.trim().toLowerCase());
  if (unpack === undefined) throw new Error(`the answer is packed as ${packing}`);
  return unpack(bytes, { maxOutputLength: bytesMax });
}

/**
 * The text of a body. No packing is asked for, but some servers pack all the same. Rejects with `AnswerTooLarge` when
 * the text is longer than `bytesMax`, and when it is packed in an unknown way.
 */
export async function wholeText(
  bytes: Buffer,
  packing: string | undefined,
  bytesMax: number,
): Promise<string> {
  try {
    return (await unpackedBody(bytes, packing, bytesMax)).toString("utf8");
  } catch (error) {
    throw error instanceof RangeError ? new AnswerTooLarge(bytesMax) : error;
  }
}

/**
 * A response that is its text. The built-in `Response` makes a stream of each body and reads it again, for
 * nothing here. `body` is null, since there is nothing left to stream or to cancel.
 */
export class WholeResponse implements Response {
  readonly headers: Headers;
  readonly status: number;
  readonly statusText: string;
  readonly ok: boolean;
  readonly body = null;
  readonly bodyUsed = false;
  readonly redirected = false;
  readonly type = "default";
  readonly url = "";
  readonly #incoming: IncomingMessage;
  readonly #text: string;

  constructor(incoming: IncomingMessage, text: string) {
    this.#incoming = incoming;
    this.#text = text;
    this.status = incoming.statusCode ?? 500;
    this.statusText = incoming.statusMessage ?? "";
    this.ok = this.status >= 200 && this.status < 300;
    this.headers = headersOf(incoming);
  }

  async text(): Promise<string> {
    return this.#text;
  }

  async json(): Promise<unknown> {
    return JSON.parse(this.#text);
  }

  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return new TextEncoder().encode(this.#text);
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return (await this.bytes()).buffer;
  }

  async blob(): Promise<Blob> {
    return new Blob([this.#text]);
  }

  async formData(): Promise<FormData> {
    return new Response(this.#text, { headers: this.headers }).formData();
  }

  clone(): WholeResponse {
    return new WholeResponse(this.#incoming, this.#text);
  }
}

/**
 * What the clients of models and of MCP servers read. The former looks at each header of each answer, and providers send
 * dozens.
 */
const READ = [
  "content-type",
  "content-length",
  "mcp-session-id",
  "retry-after",
  "retry-after-ms",
  "x-request-id",
  "x-should-retry",
] as const;

function headersOf({ headers }: IncomingMessage): Headers {
  const list = new Headers();
  for (const name of READ) {
    const value = headers[name];
    if (typeof value === "string") list.append(name, value);
  }
  return list;
}
