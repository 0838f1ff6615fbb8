/**
 * A button or a row's link that is pressed before the page's scripts have run does its work once they have, instead of
 * nothing or of leaving the page. This script is loaded while the page is read, before its first button; the others run
 * when the whole page is there. What opens in a tab of its own needs no script.
 */
{
  const pressed = new Map();
  const hold = (event) => {
    const button = event.target.closest("button, .case-row a");
    if (button === null || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    pressed.set(button, event.detail);
  };
  addEventListener("click", hold, true);
  // Scripts of type "module" have run when this event comes (https://html.spec.whatwg.org/#the-end).
  addEventListener("DOMContentLoaded", () => {
    removeEventListener("click", hold, true);
    // A mouse stays one: what a key presses has to have stood there for a while.
    for (const [button, detail] of pressed)
      button.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, detail }));
  });
}
