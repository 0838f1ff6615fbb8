/**
 * A stand-in for S3-compatible storage at the wire: one bucket in memory, path-style addresses, every request's
 * signature checked, single and parted uploads, listing by pages; with faults.
 */
import { createHash, createHmac } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { closed, listen } from "./loopback.ts";

/** The key the stand-in knows. */
export const S3_KEY = { id: "test-key", secret: "a secret of the stand-in" } as const;

const BUCKET = "mails";

/** What goes wrong, and how often; the stand-in answers as it should afterwards. */
interface S3Faults {
  /** Answers 503 to so many requests. */
  busy: number;
  /** Answers 403 to every request. */
  forbidden: boolean;
  /** Answers 403 to every request because the caller's clock is wrong. */
  skewed: boolean;
  /** Waits so many milliseconds before each answer. */
  slowMs: number;
  /** Every request finds no such bucket. */
  lost: boolean;
  /** Breaks off answers with a body after their first bytes. */
  cut: boolean;
  /** Changes a byte of what arrives before its checksum is compared. */
  flipped: boolean;
  /** Answers 500 to a part of this number, each time. */
  badPart: number | null;
  /** Answers so often 200 with an error in it where parts are to be put together, as Amazon documents. */
  notPutTogether: number;
  /** Puts the parts together and breaks off before it says so. */
  silentEnd: boolean;
}

/** A running stand-in. */
export interface S3StandIn extends AsyncDisposable {
  readonly endpoint: string;
  readonly bucket: string;
  readonly objects: ReadonlyMap<string, { readonly bytes: Buffer; readonly at: Date }>;
  readonly faults: S3Faults;
  /** Parted uploads that were neither finished nor given up. */
  unfinished(): number;
  /** The headers of the last request that stored something. */
  lastStored(): IncomingMessage["headers"];
  /** As if an object had been stored at another time. */
  age(key: string, at: Date): void;
  /** The secrets it takes, by the name of their key. */
  readonly keys: Map<string, string>;
  /** The most objects a page of a listing holds. */
  pageSize: number;
}

const hmac = (key: string | Buffer, text: string): Buffer =>
  createHmac("sha256", key).update(text).digest();
const sha256 = (bytes: string | Buffer): string => createHash("sha256").update(bytes).digest("hex");

const Authorization = z
  .string()
  .regex(
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([\w;-]+), ?Signature=([0-9a-f]{64})$/u,
  );

/** Whether the request is signed with one of these keys, by AWS Signature Version 4. */
function isSigned(
  request: IncomingMessage,
  body: Buffer,
  keys: ReadonlyMap<string, string>,
): boolean {
  const given = Authorization.safeParse(request.headers.authorization);
  if (!given.success) return false;
  const [, id, day = "", region = "", names = "", signature] =
    /Credential=([^/]+)\/(\d{8})\/([^/]+)\/.*SignedHeaders=([\w;-]+), ?Signature=(\w+)/u.exec(
      given.data,
    ) ?? [];
  const url = new URL(request.url ?? "", "http://stand-in");
  const query = [...url.searchParams]
    .map(([name, value]) => [encodeURIComponent(name), encodeURIComponent(value)] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
  const headers = names
    .split(";")
    .map((name) => `${name}:${String(request.headers[name] ?? "").trim()}\n`)
    .join("");
  const hash = String(request.headers["x-amz-content-sha256"] ?? "");
  if (hash !== "UNSIGNED-PAYLOAD" && hash !== sha256(body)) return false;
  const canonical = [request.method, url.pathname, query, headers, names, hash].join("\n");
  const scope = `${day}/${region}/s3/aws4_request`;
  const toSign = ["AWS4-HMAC-SHA256", request.headers["x-amz-date"], scope, sha256(canonical)];
  const key = ["aws4_request"].reduce(
    hmac,
    hmac(hmac(hmac(`AWS4${keys.get(id ?? "") ?? ""}`, day), region), "s3"),
  );
  return keys.has(id ?? "") && hmac(key, toSign.join("\n")).toString("hex") === signature;
}

/** A storage that works. */
export const NO_FAULTS: Readonly<S3Faults> = {
  busy: 0,
  forbidden: false,
  skewed: false,
  slowMs: 0,
  lost: false,
  cut: false,
  flipped: false,
  badPart: null,
  notPutTogether: 0,
  silentEnd: false,
};

/** Starts a stand-in on a free port of 127.0.0.1. */
export async function startS3(): Promise<S3StandIn> {
  const objects = new Map<string, { bytes: Buffer; at: Date }>();
  const uploads = new Map<string, Map<number, Buffer>>();
  const faults: S3Faults = { ...NO_FAULTS };
  const known = new Map<string, string>([[S3_KEY.id, S3_KEY.secret]]);
  const state = { stored: {} as IncomingMessage["headers"], uploads: 0, pageSize: 1_000 };
  const server = createServer((request, response) => {
    void answer(request, response).catch(() => response.destroy());
  });
  const refuse = (response: ServerResponse, status: number, code: string): void => {
    response.writeHead(status, { "content-type": "application/xml" });
    response.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>no</Message></Error>`);
  };
  const xml = (response: ServerResponse, text: string): void => {
    response.writeHead(200, { "content-type": "application/xml" });
    response.end(`<?xml version="1.0" encoding="UTF-8"?>${text}`);
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    if (faults.busy > 0) {
      faults.busy -= 1;
      return refuse(response, 503, "SlowDown");
    }
    if (faults.slowMs > 0) await delay(faults.slowMs);
    if (faults.skewed) return refuse(response, 403, "RequestTimeTooSkewed");
    if (faults.forbidden || !isSigned(request, body, known))
      return refuse(response, 403, "AccessDenied");
    const url = new URL(request.url ?? "", "http://stand-in");
    const [, bucket, ...rest] = url.pathname.split("/");
    if (faults.lost || bucket !== BUCKET) return refuse(response, 404, "NoSuchBucket");
    const key = decodeURIComponent(rest.join("/"));
    if (key === "") return listed(url, response);
    if (request.method === "PUT") return stored(request, response, { url, key, body });
    if (request.method === "POST") return parted(response, { url, key });
    if (request.method === "DELETE") {
      const upload = url.searchParams.get("uploadId");
      if (upload === null) objects.delete(key);
      else uploads.delete(upload);
      response.writeHead(204).end();
      return;
    }
    const found = objects.get(key);
    if (found === undefined) return refuse(response, 404, "NoSuchKey");
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "") ?? [];
    if (from !== undefined && !faults.cut) return ranged(response, found.bytes, [from, to]);
    response.writeHead(200, { "content-length": found.bytes.length });
    if (!faults.cut) response.end(found.bytes);
    else response.write(found.bytes.subarray(0, 1), () => response.destroy());
  }

  function ranged(
    response: ServerResponse,
    bytes: Buffer,
    [first, last]: readonly [string, string | undefined],
  ): void {
    const from = Number(first);
    if (from >= bytes.length) return refuse(response, 416, "InvalidRange");
    const part = bytes.subarray(from, Number(last) + 1);
    response.writeHead(206, {
      "content-length": part.length,
      "content-range": `bytes ${from}-${from + part.length - 1}/${bytes.length}`,
    });
    response.end(part);
  }

  function stored(
    request: IncomingMessage,
    response: ServerResponse,
    { url, key, body }: { readonly url: URL; readonly key: string; readonly body: Buffer },
  ): void {
    const arrived = Buffer.from(body);
    if (faults.flipped && arrived.length > 0) arrived.writeUInt8(arrived.readUInt8(0) ^ 1, 0);
    const checksum = request.headers["x-amz-checksum-sha256"];
    if (
      checksum !== undefined &&
      checksum !== createHash("sha256").update(arrived).digest("base64")
    )
      return refuse(response, 400, "BadDigest");
    const upload = url.searchParams.get("uploadId");
    const number = Number(url.searchParams.get("partNumber"));
    if (upload !== null) {
      if (number === faults.badPart) return refuse(response, 500, "InternalError");
      const parts = uploads.get(upload);
      if (parts === undefined) return refuse(response, 404, "NoSuchUpload");
      parts.set(number, arrived);
    } else {
      objects.set(key, { bytes: arrived, at: new Date() });
      state.stored = request.headers;
    }
    response.writeHead(200, { etag: `"${sha256(arrived).slice(0, 32)}"` }).end();
  }

  function parted(
    response: ServerResponse,
    { url, key }: { readonly url: URL; readonly key: string },
  ): void {
    const upload = url.searchParams.get("uploadId");
    if (upload === null) {
      const id = `upload-${(state.uploads += 1)}`;
      uploads.set(id, new Map());
      return xml(
        response,
        `<InitiateMultipartUploadResult><Bucket>${BUCKET}</Bucket><Key>${key}</Key><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`,
      );
    }
    const parts = uploads.get(upload);
    if (parts === undefined) return refuse(response, 404, "NoSuchUpload");
    if (faults.notPutTogether > 0) {
      faults.notPutTogether -= 1;
      return refuse(response, 200, "InternalError");
    }
    const bytes = Buffer.concat([...parts].toSorted(([a], [b]) => a - b).map(([, part]) => part));
    objects.set(key, { bytes, at: new Date() });
    uploads.delete(upload);
    if (faults.silentEnd) return void response.destroy();
    xml(
      response,
      `<CompleteMultipartUploadResult><Bucket>${BUCKET}</Bucket><Key>${key}</Key><ETag>"${sha256(bytes).slice(0, 32)}-${parts.size}"</ETag></CompleteMultipartUploadResult>`,
    );
  }

  function listed(url: URL, response: ServerResponse): void {
    const prefix = url.searchParams.get("prefix") ?? "";
    const after = url.searchParams.get("continuation-token") ?? "";
    const delimiter = url.searchParams.get("delimiter") ?? "";
    // Keys below a further level are told as that level alone, and no caller here asks for those.
    const isHere = (key: string): boolean =>
      delimiter === "" || !key.slice(prefix.length).includes(delimiter);
    const keys = [...objects.keys()]
      .filter((key) => key.startsWith(prefix) && isHere(key) && key > after)
      .toSorted();
    const page = keys.slice(0, state.pageSize);
    const next = page.length < keys.length ? (page.at(-1) ?? "") : "";
    const contents = page
      .map((key) => {
        const { bytes, at } = objects.get(key) ?? { bytes: Buffer.alloc(0), at: new Date() };
        return `<Contents><Key>${key}</Key><LastModified>${at.toISOString()}</LastModified><ETag>"x"</ETag><Size>${bytes.length}</Size></Contents>`;
      })
      .join("");
    const more = next === "" ? "" : `<NextContinuationToken>${next}</NextContinuationToken>`;
    xml(
      response,
      `<ListBucketResult><Name>${BUCKET}</Name><KeyCount>${page.length}</KeyCount><IsTruncated>${next !== ""}</IsTruncated>${contents}${more}</ListBucketResult>`,
    );
  }

  const port = await listen(server);
  return {
    endpoint: `http://127.0.0.1:${port}`,
    bucket: BUCKET,
    objects,
    faults,
    unfinished: () => uploads.size,
    lastStored: () => state.stored,
    age(key, at) {
      const found = objects.get(key);
      if (found !== undefined) objects.set(key, { ...found, at });
    },
    keys: known,
    get pageSize() {
      return state.pageSize;
    },
    set pageSize(size) {
      state.pageSize = size;
    },
    [Symbol.asyncDispose]: () => closed(server),
  };
}
