/** Looks at what the domain of an inbox publishes about its mail: without it, answers end in spam. */
import type { DNSResolver } from "mailauth";
import { reasonOf } from "#core/values/errors.ts";
import type { Finding, findingsAbout } from "#core/connection/diagnosis.ts";
import { addressDomain } from "#email/mime/addresses.ts";
import { isAbsence } from "#email/sender-auth/dkim.ts";

/** What a provider asks its customers to publish: a part of the SPF record, and the names of its DKIM keys. */
const PUBLISHED: readonly (readonly [host: RegExp, spf: string, selectors: readonly string[]])[] = [
  [/\.(?:gmail|googlemail)\.com$/i, "include:_spf.google.com", ["google"]],
  [/\.office365\.com$/i, "include:spf.protection.outlook.com", ["selector1", "selector2"]],
];

/** SPF, DMARC, and DKIM where the provider's names of the keys are known. Never throws. */
export async function examineDomain(
  { address, smtpHost }: { readonly address: string; readonly smtpHost: string },
  resolver: DNSResolver,
  finding: ReturnType<typeof findingsAbout>,
): Promise<readonly Finding[]> {
  const domain = addressDomain(address.toLowerCase());
  const [, spf = "", selectors = []] = PUBLISHED.find(([host]) => host.test(smtpHost)) ?? [];
  const look = async (check: string, names: readonly string[], kind: RegExp, holds: string) => {
    try {
      const texts = (await Promise.all(names.map((name) => records(name, resolver)))).flat();
      const [found, ...others] = texts.filter((text) => kind.test(text));
      // Two SPF records count as none; of the policies of domains the nearest counts (RFC 9989 section 4.10).
      if (found !== undefined && (check !== "SPF" || others.length === 0)) {
        if (found.includes(holds)) return finding("ok", check, `${domain}: ${found}`);
        if (leadsElsewhere(found)) return finding("unknown", check, `${domain}: ${found}`);
      }
      return finding(
        "warning",
        check,
        `${domain} has no record that counts at ${names.join(" or ")}, so answers may end in spam`,
        `publish exactly one TXT record there${holds === "" ? "" : `, with ${holds}`}; your provider says which`,
      );
    } catch (error) {
      return finding("unknown", check, `${domain}: ${reasonOf(error)}`);
    }
  };
  const keys = selectors.map((selector) => `${selector}._domainkey.${domain}`);
  const labels = domain.split(".");
  const policies = labels.slice(0, -1).map((_, at) => `_dmarc.${labels.slice(at).join(".")}`);
  return Promise.all([
    look("SPF", [domain], /^v=spf1(?: |$)/i, spf),
    ...(keys.length === 0 ? [] : [look("DKIM", keys, /(?:^|;)\s*p=[^;\s]/i, "")]),
    look("DMARC", policies, /^v=DMARC1\s*;/i, ""),
  ]);
}

/** Whether a record continues at a service that may name the provider in its turn. */
function leadsElsewhere(spf: string): boolean {
  const known = PUBLISHED.map(([, include]) => include);
  const terms = spf
    .split(/\s+/)
    .filter((term) => /^[+?~-]?(?:include:|redirect=|exists:)/i.test(term));
  return terms.some((term) => !known.includes(term));
}

async function records(name: string, resolver: DNSResolver): Promise<readonly string[]> {
  try {
    return (await resolver(name, "TXT")).map((parts) => [parts].flat().join(""));
  } catch (error) {
    if (isAbsence(error)) return [];
    throw error;
  }
}
