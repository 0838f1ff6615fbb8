/** What is changed on local-slack's page before a browser gets it. */

/** Its bar needs more room than the start page has, and a reply needs more than one line. */
const STYLE = `
.topbar { height: auto; min-height: 44px; }
.topbar-right { flex-wrap: wrap; justify-content: flex-end; white-space: nowrap; }
@media (max-width: 1000px) { .topbar .pill, .topbar .status { display: none; } }
textarea.bk-plain-input { min-height: 220px; max-width: 100%; resize: vertical; }
`;

/** A message that is taller than the window is shown from its top: what is to be decided stands there. */
const SCRIPT = `
addEventListener("load", () => {
  let shown = "";
  new MutationObserver(() => {
    const list = document.querySelector(".messages");
    const newest = list?.querySelector(":scope > .msg:last-child");
    const ts = newest?.dataset.ts ?? "";
    if (ts === shown) return;
    shown = ts;
    // The page itself first scrolls to the end.
    setTimeout(() => {
      if (newest?.isConnected && newest.offsetHeight > list.clientHeight)
        newest.scrollIntoView({ block: "start" });
    }, 120);
  }).observe(document.body, { childList: true, subtree: true });
});
`;

/**
 * Texts of the page, and what stands in their place. A text that another version of the page does not have changes
 * nothing: then the page works as its makers ship it.
 */
export const PAGE_CHANGES: readonly (readonly [text: string, instead: string])[] = [
  // It draws every text field as one line, which joins the paragraphs of a reply as soon as it is edited.
  [
    'f.jsx("input",{className:"bk-plain-input",',
    'f.jsx(l.multiline?"textarea":"input",{className:"bk-plain-input",',
  ],
  ["<head>", `<head><style>${STYLE}</style><script>${SCRIPT}</script>`],
];
