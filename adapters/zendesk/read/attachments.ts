/** The files of a ticket: named with its comments, and downloaded from Zendesk when they are opened. */

import type { FileLimits, OpenedFile } from "#core/contracts/channel.ts";
import { readBytes } from "#core/connection/http-answer.ts";
import { DeskhandError } from "#core/values/errors.ts";
import type { Message } from "#core/values/message.ts";
import type { Ask, ZendeskClient } from "#zendesk/api/client.ts";
import type { ZendeskOptions, Credential } from "#zendesk/options.ts";
import { AttachmentAnswer, type Comment, recordNumber } from "#zendesk/api/schema.ts";

/** Where bytes of files may come from, and with what. */
interface DownloadOptions {
  /** Address of the account; our token goes to this origin and nowhere else. */
  readonly account: string;
  /** Further hosts files may be at, each with everything below it; a port counts as part of the name. */
  readonly hosts: readonly string[];
  readonly token: Credential;
  /** How long the whole download may take, in milliseconds. */
  readonly timeoutMs: number;
}

/** The account redirects to a signed address on a file host, and some plans redirect once more from there. */
const REDIRECTS_MAX = 3;

/**
 * Fetches one file. Only the account receives the token, and only in the first request: a redirect leads to a signed
 * address, whose host must not learn it. Every step stays on configured hosts, so that an attacker who writes an
 * address into a ticket cannot send us into our own network.
 */
export async function download(
  options: DownloadOptions,
  address: string,
  limits: FileLimits,
): Promise<OpenedFile> {
  const signal = AbortSignal.any([limits.signal, AbortSignal.timeout(options.timeoutMs)]);
  let next = address;
  for (let step = 0; step <= REDIRECTS_MAX; step += 1) {
    const url = URL.parse(next);
    if (url === null || !isAllowed(options, url))
      return refusedFile(`its address is on no host of the account (${url?.host ?? "none"})`);
    const response = await requestFile(options, url, step === 0, signal);
    const target = response.headers.get("location");
    if (response.status < 300 || response.status >= 400)
      return await readBounded(response, limits.bytesMax);
    await response.body?.cancel();
    if (target === null)
      return refusedFile(`its host redirects without an address (${response.status})`);
    next = URL.parse(target, url.href)?.href ?? "";
  }
  return refusedFile("its host redirects too often");
}

/** True for HTTPS to a configured host. Only a sandbox on loopback may use plain HTTP. */
function isAllowed({ account, hosts }: DownloadOptions, url: URL): boolean {
  const own = new URL(account);
  const isSandbox = isLoopback(own) && isLoopback(url);
  if (url.protocol !== "https:" && !(isSandbox && url.protocol === "http:")) return false;
  if (url.username !== "" || url.password !== "") return false;
  return (
    url.origin === own.origin ||
    hosts.some((host) => url.host === host || url.host.endsWith(`.${host}`))
  );
}

/** True for an address of this machine. */
export function isLoopback({ hostname }: URL): boolean {
  return ["127.0.0.1", "localhost", "[::1]"].includes(hostname);
}

async function requestFile(
  { account, token }: DownloadOptions,
  url: URL,
  isFirst: boolean,
  signal: AbortSignal,
): Promise<Response> {
  const isOwn = isFirst && url.origin === new URL(account).origin;
  try {
    return await fetch(url, {
      redirect: "manual",
      signal,
      ...(isOwn ? { headers: { Authorization: `Bearer ${await token()}` } } : {}),
    });
  } catch (cause) {
    throw unavailable("the host of a file does not answer", cause);
  }
}

async function readBounded(response: Response, bytesMax: number): Promise<OpenedFile> {
  if (!response.ok) {
    await response.body?.cancel();
    return resultOfStatus(response.status);
  }
  if (Number(response.headers.get("content-length") ?? 0) > bytesMax) {
    await response.body?.cancel();
    return tooLargeFile(bytesMax);
  }
  const bytes = await readBytes(response, bytesMax).catch((cause: unknown) => {
    throw unavailable("a file arrived incomplete", cause);
  });
  return bytes === null ? tooLargeFile(bytesMax) : { state: "open", bytes };
}

function resultOfStatus(status: number): OpenedFile {
  if (status === 429)
    throw new DeskhandError("channel.rate_limited", "the host of a file is over its rate limit");
  if (status >= 500) throw unavailable(`the host of a file answered ${status}`, undefined);
  if (status === 401 || status === 403)
    return refusedFile(`the account keeps it private and does not show it to the bot (${status})`);
  return refusedFile(`its host does not have it (${status})`);
}

function tooLargeFile(bytesMax: number): OpenedFile {
  return refusedFile(`it has more than ${Math.floor(bytesMax / 1_000_000)} MB`);
}

function refusedFile(reason: string): OpenedFile {
  return { state: "refused", reason };
}

function unavailable(reason: string, cause: unknown): DeskhandError {
  return new DeskhandError("channel.unavailable", reason, { cause });
}

const ATTACHMENTS_MAX = 100;

/** The host to which accounts redirect for the bytes of files. */
const FILE_HOST = "zdusercontent.com";
const DOWNLOAD_MS = 30_000;

/**
 * The files of a comment. What stands in its lines (logos of signatures, pasted pictures) is named and not opened; an
 * attached file is opened by its id, so that no address that opens it without a login is kept.
 */
export function commentAttachments({
  attachments,
}: Pick<Comment, "attachments">): Message["attachments"] {
  return (attachments ?? []).slice(0, ATTACHMENTS_MAX).map((attachment) => ({
    name: attachment.file_name ?? "",
    mediaType: attachment.content_type ?? "application/octet-stream",
    bytes: attachment.size ?? 0,
    ...(attachment.id && attachment.inline !== true ? { ref: String(attachment.id) } : {}),
  }));
}

/** Opens a file after asking the account for its current malware scan and address. */
export async function openAttachment(
  client: ZendeskClient,
  options: ZendeskOptions,
  ref: string,
  limits: FileLimits,
): Promise<OpenedFile> {
  const id = recordNumber(ref);
  if (id === null) return refusedFile("it has no number of this channel");
  const ask: Ask = ({ attachments }) => attachments.show(id);
  const answer = await client.longWait.find(ask, AttachmentAnswer, limits.signal);
  if (answer === null || answer.attachment.deleted === true) return refusedFile("it is gone");
  const { malware_scan_result: scan, size, content_url: address } = answer.attachment;
  if (scan === "malware_found") return refusedFile("malware was found in it");
  if (scan === "failed_to_scan") return refusedFile("it could not be scanned for malware");
  if (scan !== "malware_not_found")
    return { state: "waiting", reason: "it has not been scanned for malware yet" };
  if ((size ?? 0) > limits.bytesMax) return tooLargeFile(limits.bytesMax);
  const from = {
    account: options.url,
    hosts: options.attachmentHosts ?? [FILE_HOST],
    token: options.writerToken,
    timeoutMs: options.timeoutMs ?? DOWNLOAD_MS,
  };
  return await download(from, address, limits);
}
