/** The keys of the inbox, in the one dialog that names them and that its script reads them from. */

import { html, type Html } from "#server/http/html.ts";

/** A key, what it does in words, and what it presses or puts the cursor into: the first of these that is there. */
type Key = readonly [key: string, does: string, presses: string];

/** Without something to press, the script moves: to another case, into the case, to a box of the list. */
const KEYS: readonly Key[] = [
  ["j", "Next case (also ↓)", ""],
  ["k", "Previous case (also ↑)", ""],
  ["Enter", "Open the case", ""],
  ["Escape", "Back to the list", ""],
  ["a", "Approve or send, and go on to the next", "#pane [data-press=approve]"],
  ["A", "Approve the ticked, in a list of many at once", "#approve-ticked"],
  ["u", "Undo what you did last", "#said button"],
  ["e", "Edit the draft", "#pane [data-press=edit]"],
  ["d", "Reject the draft", "#pane [data-press=reject]"],
  ["r", "Reply", "#pane #reply-text"],
  ["n", "Add a note", "#pane #note-text"],
  ["t", "Take it", "#pane [data-press=claim], #pane [data-press=take_over]"],
  ["g", "Assign it to a colleague", "#pane #assign-to"],
  ["z", "Snooze", "#pane #snooze-until"],
  ["c", "Close", "#pane [data-press=close]"],
  ["w", "Why?", "#pane [data-press=why]"],
  ["m", "More actions on the card", "#pane .card-more > summary"],
  ["x", "Tick or untick, in a list of many at once", ""],
  ["/", "Search", ""],
  ["?", "Show these keys", ""],
];

/** The dialog, closed until `?` is pressed. */
export const KEYS_DIALOG: Html = html`<dialog id="keys" aria-labelledby="keys-title">
  <h2 id="keys-title">Keys</h2>
  <dl class="facts-list">
    ${KEYS.map(
      ([key, does, presses]) =>
        html`<dt data-key-name="${key}" data-does="${presses}"><kbd>${key}</kbd></dt>
          <dd>${does}</dd>`,
    )}
  </dl>
  <form method="dialog" class="row"><button>Close</button></form>
</dialog>`;
