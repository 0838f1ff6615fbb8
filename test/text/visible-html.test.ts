/** What HTML shows and what it hides is the same for a mail and for a Zendesk comment. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { MimeReader } from "#email/mime/parser.ts";
import { mailBody } from "#email/parse/mail-content.ts";
import { written } from "#test/email/mails.ts";
import { visibleText } from "#text/visible-html.ts";
import { processorClock } from "#test/support/processor-time.ts";
import { readCommentHtml } from "#zendesk/read/comment-message.ts";
import fc from "fast-check";

interface Shown {
  readonly text: string;
  readonly hidden: string;
}

const CHANNELS: Readonly<Record<string, (html: string) => Shown>> = {
  mail(html) {
    const reader = new MimeReader(4 * 1024 * 1024);
    reader.feed(written({ text: html, headers: [["Content-Type", "text/html; charset=utf-8"]] }));
    return mailBody(reader.end().root);
  },
  Zendesk(html) {
    const { text, segments } = readCommentHtml(html);
    return { text, hidden: segments.find(({ kind }) => kind === "hidden")?.text ?? "" };
  },
};

const HIDING: readonly string[] = [
  '<span style="display:none">SECRET</span>',
  '<span style="DISPLAY : NONE !important">SECRET</span>',
  "<span style='display:/* */none'>SECRET</span>",
  "<span style=display:none>SECRET</span>",
  '<span style="display&#58;none">SECRET</span>',
  '<span style="visibility:hidden">SECRET</span>',
  '<span style="font-size:0">SECRET</span>',
  '<span style="font-size:1px">SECRET</span>',
  '<span style="font:0/0 a">SECRET</span>',
  '<span style="opacity:0.01">SECRET</span>',
  '<span style="color:#ffffff">SECRET</span>',
  '<span style="color: white; background: white">SECRET</span>',
  '<span style="color:#123456;background-color:#123456">SECRET</span>',
  '<span style="color:rgba(0,0,0,0)">SECRET</span>',
  '<font color="#FFF">SECRET</font>',
  '<div style="max-height:0;overflow:hidden">SECRET</div>',
  '<div style="position:absolute;left:-9999px">SECRET</div>',
  '<p style="text-indent:-9999em">SECRET</p>',
  '<p style="mso-hide:all">SECRET</p>',
  "<p hidden>SECRET</p>",
  '<div style="display:none"><p style="display:block">SECRET</p></div>',
  '<div style="display:none"><b><i>SECRET</b></div>',
  "<template>SECRET</template>",
  "<noscript>SECRET</noscript>",
  "<select><option>SECRET</option></select>",
  '<span style="displ\\61 y:none">SECRET</span>',
  '<span style="display:none;display:nonsense">SECRET</span>',
  '<span style="font-size:calc(1px * 0)">SECRET</span>',
  '<span style="color:#fefefe">SECRET</span>',
  '<span style="color:hsl(0, 0%, 99%)">SECRET</span>',
  '<span style="color:rgb(255 255 255 / 100%)">SECRET</span>',
  '<span style="color:#0000">SECRET</span>',
  '<span style="color:white;background:url(x.png)">SECRET</span>',
  '<span style="-webkit-text-fill-color:transparent">SECRET</span>',
  '<div style="background:#000">SECRET</div>',
  '<div style="color:#fff;background:navy"><span style="background:#fff">SECRET</span></div>',
  '<td bgcolor="#ffffff"><font color="white">SECRET</font></td>',
  '<div style="transform:translateX(-9999px)">SECRET</div>',
  '<div style="position:absolute;right:-9999px">SECRET</div>',
  '<p style="position:absolute;clip:rect(0 0 0 0)">SECRET</p>',
  '<p style="line-height:0">SECRET</p>',
  '<div style="letter-spacing:-20px">SECRET</div>',
  '<div style="text-indent:100%;white-space:nowrap;overflow:hidden">SECRET</div>',
  '<div style="clip-path:circle(0)">SECRET</div>',
  '<div style="filter:opacity(0)">SECRET</div>',
  '<div style="content-visibility:hidden">SECRET</div>',
  '<bdo dir="rtl">SECRET</bdo>',
  '<span style="unicode-bidi:bidi-override;direction:rtl">SECRET</span>',
  "<dialog>SECRET</dialog>",
  "<video>SECRET</video>",
  // Tags are cut where a browser cuts them.
  '<div style="display:none"/>SECRET</div>',
  '<div style = "display:none">SECRET</div>',
  '<div title = "a > b" style="display:none">SECRET</div>',
  '<div/style="display:none">SECRET</div>',
  `<div ${"a".repeat(5_000)} style="display:none">SECRET</div>`,
  `<div ${Array.from({ length: 60 }, (_, at) => `x${at}`).join(" ")} hidden>SECRET</div>`,
  `${"<i>".repeat(600)}<b hidden>SECRET</b>${"</i>".repeat(600)}`,
  // Style sheets, wherever they stand.
  '<style>.x{display:none}</style><p class="y x">SECRET</p>',
  '<p class="x">SECRET</p><style>.x{display:none}</style>',
  '<style><!-- .x{display:none} --></style><p class="x">SECRET</p>',
  '<style>.x{/*}*/display:none}</style><p class="x">SECRET</p>',
  `<p class="${"y ".repeat(30)}x">SECRET</p><style>.x{display:none}</style>`,
  `<style>${".a{color:red}".repeat(600)}#x{display:none}</style><p id="x">SECRET</p>`,
  '<p style="background:url(/*x);display:none">SECRET</p>',
  `<p style='font-family:"/*";display:none'>SECRET</p>`,
  `<p style="/*${"x".repeat(12_000)}*/display:none">SECRET</p>`,
];

/** Shown by no program and no words of a message either, so that it is not even kept as hidden. */
const DROPPED: readonly string[] = [
  "<title>SECRET</title>",
  "<!-- SECRET -->",
  "<!-- -- > SECRET --!>",
  "</ SECRET>",
  "<? SECRET >",
  "<script>a < b SECRET</script >",
  "<style>SECRET</styles></style>",
  '<img alt="SECRET" src="x">',
  '<img alt = "a > SECRET">',
  "<iframe>SECRET</iframe>",
  "<noembed>SECRET</noembed>",
  "<xmp>SECRET</xmp>",
  `<i title="${"x".repeat(25_000)}> SECRET"></i>`,
];

const READABLE: readonly string[] = [
  '<span style="font-size:14px">READ</span>',
  '<span style="font:700 12px serif">READ</span>',
  '<td style="font-size:0"><div style="font-size:14px">READ</div></td>',
  '<div style="color:#fff"><b style="color:#000">READ</b></div>',
  '<span style="color:white;background-color:navy">READ</span>',
  '<span style="opacity:1">READ</span>',
  '<td style="background:#1f73b7"><a style="color:#ffffff">READ</a></td>',
  '<td bgcolor="#003366"><font color="white">READ</font></td>',
  '<div style="background:linear-gradient(#036,#069)"><b style="color:#fff">READ</b></div>',
  '<span style="color:#888">READ</span>',
  '<span style="font-size:clamp(12px, 2vw, 18px)">READ</span>',
  '<div style="line-height:1.4;overflow:hidden">READ</div>',
  '<div style="margin-left:-15px">READ</div>',
  '<span style="color:inherit;background-color:transparent">READ</span>',
  '<span style="color:var(--text)">READ</span>',
  '<div style="height:0">READ</div>',
  `<p style='font-family:"a;display:none"'>READ</p>`,
  '<span title="display:none">READ</span>',
  '<span data-x1style="display:none">READ</span>',
  "<!-->READ<!-- -->",
  "<!--[if !mso]><!-->READ<!--<![endif]-->",
  '<style>.y{display:none}</style><p class="x">READ</p>',
  '<!-- <style>.x{display:none}</style> --><p class="x">READ</p>',
  "<script>x</scripts></script>READ",
  "<details open><summary>READ</summary></details>",
  "<button>READ</button>",
  "<o:p>READ</o:p>",
  "<p><p><p>READ",
];

const LAID_OUT: readonly (readonly [html: string, text: string])[] = [
  [
    '<div dir="auto"><p>Hello,<br>where is\n  456?</p>\n<p>Second&nbsp;one</p></div>',
    "Hello,\nwhere is 456?\n\nSecond one",
  ],
  ["one<br><br>two", "one\n\ntwo"],
  ["<ul><li>a</li><li><p>b</p></li><li></li></ul>c", "- a\n\n- b\n\nc"],
  ["<table><tr><td>1</td><td>2</td></tr><tr><td>3</td></tr></table>", "1 2\n3"],
  ["<pre>a  b\n  c</pre>d", "a  b\n  c\nd"],
  ["<h1>Title</h1>text<hr>more", "Title\n\ntext\nmore"],
  ["a <b>bold</b>, <i> b</i> c", "a bold, b c"],
  ["1 < 2 and <3 and a &lt;b", "1 < 2 and <3 and a <b"],
  [
    "a &lt;b&gt; &amp;lt; &#39;x&#39; &#x41; &euro; &uuml; &unknown; &#0; AT&T it&#146;s",
    "a <b> &lt; 'x' A € ü &unknown; \uFFFD AT&T it’s",
  ],
];

for (const [channel, read] of Object.entries(CHANNELS))
  describe(`the HTML of ${channel === "mail" ? "a mail" : "a Zendesk comment"}`, () => {
    test("keeps apart what a person cannot see", () => {
      for (const way of HIDING) {
        const { text, hidden } = read(`<p>Please refund</p>${way}<p>me</p>`);
        assert.equal(text, "Please refund\n\nme", way);
        assert.equal(hidden, "SECRET", way);
      }
    });

    test("drops what is no words of a message", () => {
      for (const way of DROPPED)
        assert.deepEqual(
          read(`<p>Please refund</p>${way}<p>me</p>`).text,
          "Please refund\n\nme",
          way,
        );
    });

    test("keeps all that a person can read", () => {
      for (const way of READABLE) {
        const { text, hidden } = read(way);
        assert.equal(text, "READ", way);
        assert.equal(hidden, "", way);
      }
    });

    test("is laid out as a person sees it", () => {
      for (const [html, text] of LAID_OUT) assert.equal(read(html).text, text, html);
    });

    test("reads plain words whole, whatever markup stands between them", () => {
      const word = fc.stringMatching(/^[a-z0-9]{1,10}$/);
      fc.assert(
        fc.property(fc.array(word, { minLength: 1 }), (words) => {
          assert.equal(read(`<p>${words.join(" <b></b>")}</p>`).text, words.join(" "));
        }),
      );
    });
  });

const MEGABYTE = 1_000_000;
/** Several times what one takes on an idle machine. */
const CPU_MS = 2_000;

/** What is repeated, with what stands before and after it. */
const HOSTILE: readonly (readonly [before: string, piece: string, after: string])[] = [
  ..."<a\"|<a |<a =|<!--|<!-->|<script>|<xmp></xmp>|<div>|</div>|<div></p>|&#|<p style='|<br>|<|< |</|<li>|<td>|<b hidden>|<style>x{}|<pre>\n|<blockquote>x<br>|<a b='\" |<a href=http://x>y"
    .split("|")
    .map((piece) => ["", piece, ""] as const),
  ["<style>", "/*", "</style>"],
  ["<style>", "{", "</style>"],
  ["<style>", "a{b:}", "</style>"],
  ["<style>", ".a,", "{display:none}</style>"],
  ["<style>", ".a{display:none}", "</style>"],
  ["<b style='", "/*", "'>"],
  ["<b style='", "url(", "'>"],
  ["<b style='", '"', "'>"],
  ["<b style='", "left:1;", "'>"],
  ["<b style='", "\\", "'>"],
  ["<b style='font:", "1", "'>"],
  ["<b style='left:", "1", "'>"],
  ["<b style='left:calc(", "1 ", ")'>"],
  ["<b style='transform:", "scale(", "'>"],
  ["<b style='filter:opacity(.", "0", "'>"],
  ["<b class='", "a ", "'>"],
];

test("any text is HTML, and is read without an error", () => {
  const pieces = fc.constantFrom(
    ..."<|>|\"|'|=|/|<p>|</p>|<li>|<!--|-->|&#|style| |<style>|</style>|.x{display:none}|<p class=x>|<a href=https://x.test>|</a>".split(
      "|",
    ),
  );
  const odd = fc.array(fc.oneof(pieces, fc.string({ maxLength: 5 }))).map((all) => all.join(""));
  fc.assert(
    fc.property(odd, (html) => {
      visibleText(html);
      visibleText(html, { withAddresses: true, partOf: () => null });
    }),
  );
});

test("character references are those of a browser, and an address keeps its parameters", () => {
  const read = (html: string) => visibleText(html, { withAddresses: true }).visible;
  assert.equal(read("&Ccaron;edok &AMP &#x80; &unknown; a&ltb"), "Čedok & € &unknown; a<b");
  assert.match(read('<a href="https://x.test/?a=1&copy=2&amp;b=3">here</a>'), /\?a=1&copy=2&b=3/);
});

test("a megabyte of hostile markup is read in a moment", () => {
  const attributes = Array.from({ length: MEGABYTE / 8 }, (_, index) => `x${index}`).join(" ");
  for (const [before, piece, after] of [...HOSTILE, ["<a ", attributes, ">"] as const]) {
    const html = before + piece.repeat(Math.max(1, MEGABYTE / piece.length)) + after;
    const tookMs = processorClock();
    visibleText(html, { withAddresses: true });
    const ms = tookMs();
    assert.ok(ms < CPU_MS, `${before}${piece} took ${ms} ms`);
  }
});
