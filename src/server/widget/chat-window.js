/** Opens and closes the chat window and manages its focus. */

/** On a small screen the open window is modal and takes the whole screen. */
const SMALL = matchMedia("(max-width: 480px), (max-height: 460px)");
const TOUCH = matchMedia("(pointer: coarse)");
const OPEN_KEY = "deskhand open";

/** Opens and closes the window: focus moves in and returns, Escape closes, a reload restores the state. */
export function createChatWindow({ panel, launcher, close, title, compose }, changed) {
  function show(isAsked) {
    if (panel.open) return;
    if (isAsked && SMALL.matches) panel.showModal();
    // Set rather than shown, so that a reload does not move the focus.
    else panel.open = true;
    remember("yes");
    fit();
    changed(true);
    if (!isAsked) return;
    // An on-screen keyboard would cover half of the messages before the visitor wants to write.
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

  /** A phone's keyboard takes screen space that the style sheet does not know about. */
  function fit() {
    const { visualViewport: seen } = window;
    if (seen === null) return;
    panel.style.setProperty("--seen", `${seen.height}px`);
    panel.style.setProperty("--above", `${seen.offsetTop}px`);
  }

  /** A change of the window's size or zoom can switch between modal and not. */
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

/** Kept for this tab only: a new tab begins with a closed window. */
function remember(value) {
  try {
    sessionStorage.setItem(OPEN_KEY, value);
  } catch {
    // Without storage the window is closed after a reload.
  }
}

function remembered() {
  try {
    return sessionStorage.getItem(OPEN_KEY) === "yes";
  } catch {
    return false;
  }
}
