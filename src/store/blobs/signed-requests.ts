/** Requests to a bucket, each signed with the key of its moment. */
import { S3mini, S3ServiceError } from "s3mini";
import { z } from "zod";
import { byKey, currentKey } from "#core/connection/signing-keys.ts";
import type { BucketAccess } from "#core/contracts/blob-place.ts";

/** One request with its answer, in milliseconds; a part of 8 MB has to pass within it. */
const REQUEST_MS = 60_000;

/**
 * For so long after a new key was first refused, the former one is used in its place, in milliseconds. A key that is
 * wrong for longer has to be seen, before the former one is ended.
 */
const FORMER_MS = 15 * 60_000;

/** Gives the request a client that signs it, and what the storage answers. */
export type Send = <T>(request: (client: S3mini) => Promise<T>) => Promise<T>;

const KeyPair = z.tuple([z.string(), z.string()]);

/**
 * A key has a name and a secret, and their files are written one after the other: a pair that is refused is followed by
 * the last one that was taken. The storage knows both until the former key is ended there.
 */
export function signedRequests(access: BucketAccess, formerMs = FORMER_MS): Send {
  const clientOf = byKey((pair) => {
    const [accessKeyId, secretAccessKey] = KeyPair.parse(JSON.parse(pair));
    return new S3mini({
      accessKeyId,
      secretAccessKey,
      endpoint: `${access.endpoint.replace(/(?<!\/)\/+$/u, "")}/${access.bucket}`,
      region: access.region,
      requestAbortTimeout: REQUEST_MS,
      // A signature is for one address: a redirect could only lead to another one.
      fetch: (input, init) => fetch(input, { ...init, redirect: "error" }),
    });
  });
  const state: { taken: string | null; refusedAt: number | null } = {
    taken: null,
    refusedAt: null,
  };
  return async (request) => {
    const pair = JSON.stringify([access.accessKeyId, access.secretAccessKey].map(currentKey));
    const { taken } = state;
    try {
      const answer = await request(clientOf(pair));
      Object.assign(state, { taken: pair, refusedAt: null });
      return answer;
    } catch (error) {
      if (taken === null || taken === pair || !isRefused(error)) throw error;
      state.refusedAt ??= performance.now();
      if (performance.now() - state.refusedAt >= formerMs) throw error;
      return request(clientOf(taken));
    }
  };
}

function isRefused(error: unknown): boolean {
  return error instanceof S3ServiceError && error.status === 403;
}
