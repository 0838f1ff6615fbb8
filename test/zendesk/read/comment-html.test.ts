import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { visibleText } from "#zendesk/read/comment-html.ts";

const visible = (html: string): string => visibleText(html).text;
const hidden = (html: string): string =>
  visibleText(html)
    .segments.filter(({ kind }) => kind === "hidden")
    .map(({ text }) => text)
    .join("|");

describe("the words of a comment", () => {
  test("paragraphs, breaks and lists keep their lines, layout white space goes", () => {
    const html = `<div class="zd-comment" dir="auto"><p dir="auto">Hello,<br>where is
        456?</p>\n<p>Second&nbsp;one</p><ul><li>a</li><li>b</li></ul><table><tr><td>1</td><td>2</td></tr></table></div>`;
    assert.equal(visible(html), "Hello,\nwhere is 456?\n\nSecond one\n\n- a\n- b\n1 2");
  });

  test("two breaks are an empty line", () => {
    assert.equal(visible("one<br><br>two"), "one\n\ntwo");
  });

  test("characters written as entities are read once", () => {
    assert.equal(
      visible("a &lt;b&gt; &amp;lt; &#39;x&#39; &#x41; &euro; &uuml; &unknown; &#0; AT&T"),
      "a <b> &lt; 'x' A € ü &unknown; \uFFFD AT&T",
    );
  });

  test("whatever hides text from a person takes it out of the words and shows it apart", () => {
    const ways = [
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
      '<div style="letter-spacing:-20px">SECRET</div>',
      '<div style="text-indent:100%;white-space:nowrap;overflow:hidden">SECRET</div>',
      '<div style="clip-path:circle(0)">SECRET</div>',
      '<div style="filter:opacity(0)">SECRET</div>',
      '<div style="content-visibility:hidden">SECRET</div>',
      '<bdo dir="rtl">SECRET</bdo>',
      '<span style="unicode-bidi:bidi-override;direction:rtl">SECRET</span>',
      "<dialog>SECRET</dialog>",
      "<video>SECRET</video>",
    ];
    for (const way of ways) {
      const html = `<p>Please refund${way}me</p>`;
      assert.doesNotMatch(visible(html), /SECRET/, way);
      assert.equal(hidden(html), "SECRET", way);
    }
  });

  test("what can be read is not called hidden", () => {
    const ways = [
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
      '<span title="display:none">READ</span>',
    ];
    for (const way of ways) {
      assert.match(visible(way), /READ/, way);
      assert.equal(hidden(way), "", way);
    }
  });

  test("scripts, styles, comments and attributes are no words at all", () => {
    const html =
      '<style>p{}</style><p title="a > b">x</p><!-- no --><script>if (a < b) "</p>"</script >y<img alt="no" src="x">';
    assert.deepEqual(visibleText(html), { text: "x\n\ny", segments: [] });
  });

  test("quoted history and signatures are apart from the new words", () => {
    const html =
      '<p>New words</p><div class="gmail_signature">Ann</div><blockquote><p>Old <b>words</b></p></blockquote>';
    assert.deepEqual(visibleText(html), {
      text: "New words",
      segments: [
        { kind: "quoted", text: "Old words" },
        { kind: "signature", text: "Ann" },
      ],
    });
  });

  test("a bracket that begins no tag is a character", () => {
    assert.equal(visible("1 < 2 and <3 and a<b"), "1 < 2 and <3 and a");
    assert.equal(visible("a &lt;b"), "a <b");
  });

  test("any text at all is read without an error, and plain words come through whole", () => {
    const pieces = fc.constantFrom(
      "<",
      ">",
      '"',
      "'",
      "=",
      "<p>",
      "</p>",
      "<!--",
      "-->",
      "&#",
      "style",
      " ",
    );
    const odd = fc.array(fc.oneof(pieces, fc.string({ maxLength: 5 }))).map((all) => all.join(""));
    fc.assert(
      fc.property(odd, (html) => {
        visibleText(html);
      }),
    );
    const word = fc.stringMatching(/^[a-z0-9]{1,10}$/);
    fc.assert(
      fc.property(fc.array(word, { minLength: 1 }), (words) => {
        assert.equal(visible(`<p>${words.join(" <b></b>")}</p>`), words.join(" "));
      }),
    );
  });

  test("hostile markup is read in time linear in its length", () => {
    const attacks = [
      '<a"',
      "<a ",
      "<!--",
      "<script>",
      "<div>",
      "</div>",
      "&#",
      "<a =",
      "<p style='",
      "<br>",
    ];
    for (const attack of attacks) {
      const startedAt = performance.now();
      visibleText(attack.repeat(300_000 / attack.length));
      assert.ok(performance.now() - startedAt < 2_000, attack);
    }
  });
});
