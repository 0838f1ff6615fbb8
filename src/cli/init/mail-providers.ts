/** What is known about providers of mailboxes, so that a person need not look for host names and pages. */

import { resolveMx } from "node:dns/promises";

/** Servers of a provider, and the page on which a password for programs is made. */
export interface MailProvider {
  readonly name: string;
  readonly imap: string;
  readonly smtp: string;
  readonly page: string;
  /** True where an ordinary or app password is refused, so that only OAuth works. */
  readonly onlyOAuth?: true;
}

const GOOGLE: MailProvider = {
  name: "Google",
  imap: "imap.gmail.com",
  smtp: "smtp.gmail.com",
  page: "https://myaccount.google.com/apppasswords",
};
const MICROSOFT: MailProvider = {
  name: "Microsoft 365",
  imap: "outlook.office365.com",
  smtp: "smtp.office365.com:587",
  page: "https://entra.microsoft.com",
  onlyOAuth: true,
};
const FASTMAIL: MailProvider = {
  name: "Fastmail",
  imap: "imap.fastmail.com",
  smtp: "smtp.fastmail.com",
  page: "https://app.fastmail.com/settings/security/apppasswords",
};
const ZOHO: MailProvider = {
  name: "Zoho",
  imap: "imap.zoho.com",
  smtp: "smtp.zoho.com",
  page: "https://accounts.zoho.com/home#security/app_password",
};

/** Domains of the mail servers that take mail for a provider's customers. */
const BY_MAIL_SERVER: readonly (readonly [string, MailProvider])[] = [
  ["google.com", GOOGLE],
  ["googlemail.com", GOOGLE],
  ["outlook.com", MICROSOFT],
  ["messagingengine.com", FASTMAIL],
  ["zoho.com", ZOHO],
];

const BY_DOMAIN: Readonly<Record<string, MailProvider>> = {
  "gmail.com": GOOGLE,
  "googlemail.com": GOOGLE,
  "outlook.com": MICROSOFT,
  "hotmail.com": MICROSOFT,
  "fastmail.com": FASTMAIL,
};

const LOOK_UP_MS = 3_000;

/** The provider of an address, by its domain or by where mail to it goes; null when neither is known. Never throws. */
export async function findMailProvider(address: string): Promise<MailProvider | null> {
  const domain = addressDomain(address);
  const known = BY_DOMAIN[domain];
  if (known !== undefined) return known;
  const timeout = new Promise<never[]>((resolve) => {
    setTimeout(() => resolve([]), LOOK_UP_MS).unref();
  });
  const servers = await Promise.race([resolveMx(domain).catch(() => []), timeout]);
  const names = servers.map(({ exchange }) => exchange.toLowerCase());
  const found = BY_MAIL_SERVER.find(([end]) =>
    names.some((name) => name === end || name.endsWith(`.${end}`)),
  );
  return found?.[1] ?? null;
}

/** The part behind the @, in small letters. */
export function addressDomain(address: string): string {
  return (address.split("@")[1] ?? "").toLowerCase();
}
