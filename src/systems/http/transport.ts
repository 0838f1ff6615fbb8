/** What sends the requests of one connection: with its size limit, and with its client certificate where it has one. */
import type { IncomingMessage } from "node:http";
import { Agent, request } from "node:https";
import { Readable } from "node:stream";
import { type Fetch, wholeFetch } from "#core/connection/http-answer.ts";
import type { Connection } from "#systems/contract.ts";
import type { SystemSettings } from "#systems/settings.ts";

/** PEM texts: our certificate and key, and the authority of the server's certificate where it is no public one. */
interface ClientCertificate {
  readonly cert: string;
  readonly key: string;
  readonly ca?: string;
}

/**
 * Gives the sender for a request. The files of a certificate are read each time, and another certificate makes another
 * sender: one that was renewed counts from the next request on. Throws `config.invalid` for a file that cannot be read.
 */
export function systemTransport(connection: Connection, settings: SystemSettings): () => Fetch {
  const { clientCertificate, limits } = connection;
  if (clientCertificate === undefined) {
    const sender = wholeFetch(limits.answerBytesMax);
    return () => sender;
  }
  let last: { readonly certificate: ClientCertificate; readonly sender: Fetch } | null = null;
  return () => {
    const { authority } = clientCertificate;
    const certificate: ClientCertificate = {
      cert: settings.file(clientCertificate.certificate),
      key: settings.file(clientCertificate.key),
      ...(authority === undefined ? {} : { ca: settings.file(authority) }),
    };
    if (last === null || !isSame(last.certificate, certificate))
      last = {
        certificate,
        sender: wholeFetch(limits.answerBytesMax, certifiedFetch(certificate)),
      };
    return last.sender;
  };
}

function isSame(one: ClientCertificate, other: ClientCertificate): boolean {
  return one.cert === other.cert && one.key === other.key && one.ca === other.ca;
}

/** The built-in `fetch` shows no certificate. Only texts are sent, and no packing is asked for. */
function certifiedFetch(certificate: ClientCertificate): Fetch {
  const agent = new Agent({ keepAlive: true, ...certificate });
  return async (target, { method = "GET", headers, body, signal } = {}) => {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const sent = Object.fromEntries(new Headers(headers));
    const outgoing = request(
      target instanceof Request ? target.url : target,
      { agent, method, headers: sent, ...(signal ? { signal } : {}) },
      resolve,
    );
    outgoing.on("error", reject);
    outgoing.end(typeof body === "string" ? body : "");
    const incoming = await promise;
    const read = new Headers();
    for (const [name, value] of Object.entries(incoming.headers))
      if (value !== undefined) read.set(name, String(value));
    return new Response(Readable.toWeb(incoming), {
      status: incoming.statusCode ?? 500,
      headers: read,
    });
  };
}
