/** What sends the requests of one connection: with its size limit, and with its client certificate where it has one. */
import type { Fetch } from "#core/connection/http-answer.ts";
import { type ClientCertificate, leanFetch } from "#http/lean-fetch.ts";
import type { Connection } from "#systems/contract.ts";
import type { SystemSettings } from "#systems/settings.ts";

/**
 * Gives the sender for a request. The files of a certificate are read each time, and another certificate makes another
 * sender: one that was renewed counts from the next request on. Throws `config.invalid` for a file that cannot be read.
 */
export function systemTransport(connection: Connection, settings: SystemSettings): () => Fetch {
  const { clientCertificate, limits } = connection;
  const senderWith = (certificate: ClientCertificate): Fetch =>
    leanFetch({ answerBytesMax: limits.answerBytesMax, certificate });
  if (clientCertificate === undefined) {
    const sender = senderWith({});
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
      last = { certificate, sender: senderWith(certificate) };
    return last.sender;
  };
}

function isSame(one: ClientCertificate, other: ClientCertificate): boolean {
  return one.cert === other.cert && one.key === other.key && one.ca === other.ca;
}
