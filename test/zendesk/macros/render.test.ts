/** What stays of the words of a macro once it is no letter to one person any more. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { renderComment } from "#zendesk/macros/sync.ts";

/** What stays of a text, or why nothing does. */
function rendered(text: string, isHtml = false): string {
  const result = renderComment({ text, isHtml });
  return result.kind === "text" ? result.text : `(${result.reason})`;
}

describe("the words of a macro", () => {
  test("what cannot be taken out without changing what is said leaves the macro out, by name", () => {
    const reasons: Readonly<Record<string, string>> = {
      "The parcel is on its way to {{ticket.requester.name}} since today.":
        "(the placeholder ticket.requester.name)",
      "Your ticket is {{ticket.status}} now, and nothing is left to do.":
        "(the placeholder ticket.status)",
      "Please note: {{dc.return_terms}} This holds for all goods.":
        "(the placeholder dc.return_terms)",
      "{{dc.return_terms}}": "(the placeholder dc.return_terms)",
      "Your order {{ticket.ticket_field_360}} has left our house today.":
        "(the placeholder ticket.ticket_field_360)",
      "{% if ticket.priority == 'high' %}We hurry a lot for you.{% endif %}":
        "(conditions inside the text)",
      "An unclosed {{ stays what it is, which nobody can read.":
        "(the placeholder stays what it is, which nobody can read.)",
      "Sorry for the wait. Your Voucher code is SORRY-20, for the next order.":
        "(a code for one customer)",
      "Hi {{ticket.requester.first_name}},\n\nthank you!\n\n{{current_user.name}}":
        "(a text of a few words)",
    };
    for (const [text, reason] of Object.entries(reasons)) assert.equal(rendered(text), reason);
  });

  test("formatted words become plain ones, with the addresses of links and without invisible text", () => {
    assert.equal(
      rendered(
        '<p>Hi {{ticket.requester.first_name}},</p><p>see <a href="https://ourshop.test/help/care">our advice</a> for:</p><ul><li>oiled wood</li><li>raw &amp; waxed wood</li></ul><p style="display:none">{{ticket.id}} secret</p><p>Best,<br>{{current_user.name}}</p>',
        true,
      ),
      "See our advice (https://ourshop.test/help/care) for:\n\n- oiled wood\n- raw & waxed wood",
    );
  });
});
