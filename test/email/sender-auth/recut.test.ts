/** Signed mails sent on by others, with their bytes called something else. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { examined, OF_ANN, testAll } from "./judged.ts";
import { openly, signed, topped, written } from "#test/email/mails.ts";

function open(name: string): string {
  return `the signature does not cover ${name}, and the body does not say the same by itself`;
}

/** As a provider signs that leaves open how the body is to be read. */
const LEFT_OPEN = { headerList: "from:to:cc:subject:date:message-id:mime-version" };

function typed(type: string, encoding: string, text: string): Promise<Buffer> {
  return openly({
    headers: [
      ["Content-Type", type],
      ["Content-Transfer-Encoding", encoding],
    ],
    text,
  });
}

/** The same signed bytes under other headers. */
function renamed(mail: Buffer, headers: Readonly<Record<string, string | null>>): Buffer {
  let text = mail.toString("latin1");
  for (const [name, value] of Object.entries(headers)) {
    const field = new RegExp(`\r\n${name}: [^\r]*`, "i");
    assert.match(text, field);
    text = text.replace(field, value === null ? "" : `\r\n${name}: ${value}`);
  }
  return Buffer.from(text, "latin1");
}

/** Plain words of Ann with a stranger's below, as mail programs forward them. */
const FORWARD = `I never ordered anything from you.

---------- Forwarded message ----------
--X
Content-Type: text/plain

Please send order 456 to 7 Other Lane.
--X--`;

const PARTS = FORWARD.slice(FORWARD.indexOf("--X"));

const MULTIPART = `--real
Content-Type: text/plain; charset=utf-8

Where is my order?
--real
Content-Type: text/html; charset=utf-8

<p>Where is my order?</p>
--real--`;

const PLAIN = "text/plain; charset=utf-8";

/** What an attacker who has the signed bytes can call them. */
const RECUT: Readonly<
  Record<string, { readonly mail: () => Promise<Buffer> | Buffer; readonly open?: string }>
> = {
  "a plain forward as parts": {
    mail: async () =>
      renamed(await openly({ text: FORWARD }), { "Content-Type": 'multipart/mixed; boundary="X"' }),
  },
  "words without a type as parts": {
    mail: async () => {
      const bare = renamed(written({ text: FORWARD }), {
        "Content-Type": null,
        "Content-Transfer-Encoding": null,
      });
      return topped(
        await signed(bare, "customer.test", LEFT_OPEN),
        'Content-Type: multipart/mixed; boundary="X"',
      );
    },
  },
  "parts as words": {
    mail: async () =>
      renamed(await typed('multipart/alternative; boundary="real"', "8bit", MULTIPART), {
        "Content-Type": PLAIN,
      }),
  },
  "parts of plain words as words": {
    mail: async () =>
      renamed(await typed('multipart/mixed; boundary="X"', "8bit", PARTS), {
        "Content-Type": PLAIN,
      }),
  },
  "plain words as markup, in which lines are nothing": {
    mail: async () =>
      renamed(await openly({ text: "No.\n\n> Please refund order 789." }), {
        "Content-Type": "text/html; charset=utf-8",
      }),
  },
  "markup as plain words, in which quotes are nothing": {
    mail: async () =>
      renamed(
        await typed(
          "text/html; charset=utf-8",
          "8bit",
          "No.<blockquote>Please refund order 789.</blockquote>",
        ),
        { "Content-Type": PLAIN },
      ),
  },
  "words in a charset whose letters are others": {
    mail: async () =>
      renamed(await openly({ text: "No.\n\n> +AAo-Please refund order 789." }), {
        "Content-Type": "text/plain; charset=utf-7",
      }),
  },
  "words as a mail of their own": {
    mail: async () =>
      renamed(await openly({ text: FORWARD }), { "Content-Type": "message/rfc822" }),
  },
  "plain words as coded ones, with a line break in them": {
    mail: async () =>
      renamed(await openly({ text: "No.\n\n> Hello=0APlease refund order 789." }), {
        "Content-Transfer-Encoding": "quoted-printable",
      }),
    open: "Content-Transfer-Encoding",
  },
  "plain words as coded ones, with a coding on top where none was": {
    mail: async () => {
      const bare = renamed(written({ text: "No.\n\n> Hello=0APlease refund order 789." }), {
        "Content-Transfer-Encoding": null,
      });
      return topped(
        await signed(bare, "customer.test", LEFT_OPEN),
        "Content-Transfer-Encoding: quoted-printable",
      );
    },
    open: "Content-Transfer-Encoding",
  },
  "coded words as plain ones, in which a broken quote goes on as words": {
    mail: async () =>
      renamed(
        await typed(PLAIN, "quoted-printable", "No.\n\n> Hello =\nPlease refund order 789."),
        {
          "Content-Transfer-Encoding": "7bit",
        },
      ),
    open: "Content-Transfer-Encoding",
  },
  "plain words as a code of letters": {
    mail: async () =>
      renamed(await openly({ text: "No.\n\n> Please refund." }), {
        "Content-Transfer-Encoding": "base64",
      }),
    open: "Content-Transfer-Encoding",
  },
  "words as a file": {
    mail: async () => topped(await openly({}), 'Content-Disposition: attachment; filename="a.txt"'),
    open: "Content-Disposition",
  },
};

testAll(
  Object.fromEntries(
    Object.entries(RECUT).map(([name, { mail, open: header = "Content-Type" }]) => [
      `that calls ${name}`,
      {
        mail,
        level: 1,
        reason: open(header),
      },
    ]),
  ),
);

test("a mail with a second Content-Type on top: level 1", async () => {
  const raw = topped(
    await openly({ text: FORWARD }),
    'Content-Type: multipart/mixed; boundary="X"',
  );
  assert.equal((await examined(raw)).evidence.level, 1);
});

const HONEST: Readonly<Record<string, () => Promise<Buffer>>> = {
  "plain words": () => openly({ text: "Where is my order?\n\n> We have sent it.\n\n1 + 1 = 2" }),
  "plain words between dashes": () =>
    openly({ text: "--\nAnn\n=====\n<https://shop.test/?id=12>" }),
  "coded words": () =>
    typed(PLAIN, "quoted-printable", "Wo ist=20meine Bestellung f=C3=BCr=\n Ann?"),
  "a code of letters": () =>
    typed(
      PLAIN,
      "base64",
      Buffer.from("Where is my order? ".repeat(9)).toString("base64").replace(/.{76}/g, "$&\n"),
    ),
  markup: () =>
    typed("text/html; charset=utf-8", "quoted-printable", '<div dir=3D"ltr">Where is it?</div>'),
  parts: () => typed('multipart/alternative; boundary="real"', "8bit", MULTIPART),
  "parts behind an empty line": () =>
    typed("multipart/alternative; boundary=real", "7bit", `\n${MULTIPART}\n\n`),
  "parts behind a note for old readers": () =>
    typed(
      'multipart/mixed; boundary="real"',
      "7bit",
      `This is a multi-part message in MIME format.\n${MULTIPART}`,
    ),
  "Japanese words": () =>
    typed("text/plain; charset=iso-2022-jp", "7bit", "Hello \x1b$B$3$s\x1b(B"),
};

testAll(
  Object.fromEntries(
    Object.entries(HONEST).map(([name, mail]) => [
      `whose signature leaves the type of ${name} open`,
      {
        mail,
        level: 2,
        reason: OF_ANN,
      },
    ]),
  ),
);

test("a mail that is read as it arrives is judged by the same body", async () => {
  const judge = async (raw: Buffer) => {
    async function* arriving() {
      for (let at = 0; at < raw.length; at += 97) yield raw.subarray(at, at + 97);
    }
    const { evidence } = await examined(raw, { bytesMax: 10_000_000 }, arriving());
    return evidence.reason;
  };
  for (const { mail } of Object.values(RECUT)) {
    const raw = await mail();
    assert.equal(await judge(raw), (await examined(raw)).evidence.reason);
  }
  for (const mail of Object.values(HONEST)) assert.equal(await judge(await mail()), OF_ANN);
  // Beyond what is kept of a body, its parts are known by their first and last delimiter.
  const large = MULTIPART.replace("Where", `${"Where is it?\n".repeat(60_000)}Where`);
  assert.equal(await judge(await typed('multipart/mixed; boundary="real"', "7bit", large)), OF_ANN);
});
