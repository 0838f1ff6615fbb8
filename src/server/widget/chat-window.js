/** Opens and closes the chat window and manages its focus. */

/** Where there is no room beside it, the open window takes the whole screen and nothing behind it can be reached. */
const SMALL = matchMedia("(max-width: 480px), (max-height: 460px)");
const TOUCH = matchMedia("(pointer: coarse)");
const OPEN_KEY = "deskhand open";

/** Opens and closes the window: focus goes in and comes back, Escape closes, a reload finds it as it was. */
export function windowOf({ panel, launcher, close, title, compose }, changed) {
  function show(isAsked) {
    if (panel.open) return;
    if (isAsked && SMALL.matches) panel.showModal();
    // Set rather than shown: a page that was only loaded again keeps its focus where it is.
    else panel.open = true;
    remember("yes");
    fit();
    changed(true);
    if (!isAsked) return;
    // A keyboard on the screen would cover half of what was said before anybody wants to write.
    if (TOUCH.matches || compose.form.hidden) title.focus();
    else compose.field.focus();
  }

  function hide() {
    if (!panel.open) return;
    panel.close();
    remember("");
    changed(false);
    launcher.focus();
  }

  /** The keyboard of a phone leaves less of the screen than the style sheet knows of. */
  function fit() {
    const { visualViewport: seen } = window;
    if (seen === null) return;
    panel.style.setProperty("--seen", `${seen.height}px`);
    panel.style.setProperty("--above", `${seen.offsetTop}px`);
  }

  /** What fitted beside the page may not fit any more after the window or the zoom changed, and the other way round. */
  function refit() {
    const isModal = panel.matches(":modal");
    if (panel.open && isModal !== SMALL.matches) {
      const focused = panel.getRootNode().activeElement;
      panel.close();
      if (SMALL.matches) panel.showModal();
      else panel.open = true;
      focused?.focus();
    }
    fit();
  }

  launcher.addEventListener("click", () => (panel.open ? hide() : show(true)));
  close.addEventListener("click", hide);
  panel.addEventListener("cancel", (event) => {
    event.preventDefault();
    hide();
  });
  panel.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.isComposing) return;
    event.preventDefault();
    event.stopPropagation();
    hide();
  });
  SMALL.addEventListener("change", refit);
  window.visualViewport?.addEventListener("resize", fit);
  window.visualViewport?.addEventListener("scroll", fit);
  return {
    show: () => show(true),
    hide,
    restore: () => {
      if (remembered() && !SMALL.matches) show(false);
    },
  };
}

/** Of this tab alone: a new one does not begin with an open window. */
function remember(value) {
  try {
    sessionStorage.setItem(OPEN_KEY, value);
  } catch {
    // Then it is closed after a reload.
  }
}

function remembered() {
  try {
    return sessionStorage.getItem(OPEN_KEY) === "yes";
  } catch {
    return false;
  }
}
