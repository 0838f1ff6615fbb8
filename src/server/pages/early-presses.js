/**
 * A button that is pressed before the page's scripts have run does its work once they have, instead of nothing. This
 * script is loaded while the page is read, before its first button; the others run when the whole page is there.
 */
{
  const pressed = new Set();
  const hold = (event) => {
    const button = event.target.closest("button");
    if (button === null) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    pressed.add(button);
  };
  addEventListener("click", hold, true);
  // Scripts of type "module" have run when this event comes (https://html.spec.whatwg.org/#the-end).
  addEventListener("DOMContentLoaded", () => {
    removeEventListener("click", hold, true);
    for (const button of pressed) button.click();
  });
}
