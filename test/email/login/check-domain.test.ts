/** What the doctor says about the domain that answers come from. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { examineDomain } from "#email/check-domain.ts";
import { findingsAbout } from "#core/connection/diagnosis.ts";

type Zone = Readonly<Record<string, readonly string[]>>;

async function found(zone: Zone, smtpHost = "smtp.shop.test"): Promise<readonly string[]> {
  const findings = await examineDomain(
    { address: "Support@Mail.Shop.test", smtpHost },
    async (name, type) => {
      const texts = type === "TXT" ? zone[name] : undefined;
      if (texts === undefined) throw Object.assign(new Error(name), { code: "ENODATA" });
      // In strings of 255 bytes at most, as they come from a name server.
      return texts.map((text) => text.match(/.{1,20}/g) ?? []);
    },
    findingsAbout("email"),
  );
  for (const { state, remedy } of findings) assert.equal(state === "warning", remedy !== null);
  return findings.map((finding) => `${finding.state} ${finding.check}: ${finding.found}`);
}

const SPF = "v=spf1 include:spf.protection.outlook.com -all";
const DOMAIN = "mail.shop.test";

test("a domain that publishes all is ok, with its own policy or that of the domain above it", async () => {
  const zone = {
    [DOMAIN]: ["google-site-verification=1", SPF],
    "selector2._domainkey.mail.shop.test": ["v=DKIM1; k=rsa; p=MIIB"],
    "_dmarc.shop.test": ["v=DMARC1; p=reject"],
  };
  assert.deepEqual(await found(zone, "smtp.office365.com"), [
    `ok SPF: ${DOMAIN}: ${SPF}`,
    `ok DKIM: ${DOMAIN}: v=DKIM1; k=rsa; p=MIIB`,
    `ok DMARC: ${DOMAIN}: v=DMARC1; p=reject`,
  ]);
  const own = { ...zone, "_dmarc.mail.shop.test": ["v=DMARC1; p=none"] };
  assert.ok((await found(own)).includes(`ok DMARC: ${DOMAIN}: v=DMARC1; p=none`));
});

test("what is missing, doubled, taken back or another provider's is named, each with its mend", async () => {
  const lacks = (check: string, where: string): string =>
    `warning ${check}: ${DOMAIN} has no record that counts at ${where}, so answers may end in spam`;
  const nothing = [
    lacks("SPF", DOMAIN),
    lacks("DKIM", `google._domainkey.${DOMAIN}`),
    lacks("DMARC", `_dmarc.${DOMAIN} or _dmarc.shop.test`),
  ];
  assert.deepEqual(await found({}, "smtp.gmail.com"), nothing);
  const wrong = {
    // Of another provider, and a key that was taken back.
    [DOMAIN]: [SPF],
    [`google._domainkey.${DOMAIN}`]: ["v=DKIM1; p="],
    [`_dmarc.${DOMAIN}`]: ["v=DMARC2; p=none"],
  };
  assert.deepEqual(await found(wrong, "smtp.gmail.com"), nothing);
  const [twice] = await found({ [DOMAIN]: [SPF, "v=spf1 mx -all"] });
  assert.equal(twice, lacks("SPF", DOMAIN));
});

test("of another server's keys nothing is known, and DNS that is away says nothing", async () => {
  assert.deepEqual(
    (await found({ [DOMAIN]: ["v=spf1 mx -all"] })).map((line) => line.split(":")[0]),
    ["ok SPF", "warning DMARC"],
  );
  const away = async (): Promise<never> => {
    throw Object.assign(new Error("queryTxt ETIMEOUT"), { code: "ETIMEOUT" });
  };
  const place = { address: "a@shop.test", smtpHost: "smtp.shop.test" };
  const findings = await examineDomain(place, away, findingsAbout("email"));
  assert.deepEqual(
    findings.map(({ state }) => state),
    ["unknown", "unknown"],
  );
});
