/** VitePress's own look, and diagrams drawn from the text that a page has of them. */
import mermaidAddress from "@mermaid-js/tiny/dist/mermaid.tiny.js?url";
import { useData, type Theme } from "vitepress";
import DefaultTheme from "vitepress/theme";
import { defineComponent, h, onMounted, ref, useId, watch } from "vue";

/** What Mermaid's script leaves on the window, as far as it is used here. */
interface Mermaid {
  initialize(options: Readonly<Record<string, unknown>>): void;
  render(id: string, text: string): Promise<{ readonly svg: string }>;
}

declare global {
  interface Window {
    mermaid?: Mermaid;
  }
}

/** Loads Mermaid, which is a script and no module, once and on pages with a diagram alone. */
async function loadMermaid(): Promise<Mermaid | undefined> {
  if (window.mermaid === undefined)
    await new Promise((loaded, failed) => {
      const script = document.createElement("script");
      Object.assign(script, { src: mermaidAddress, onload: loaded, onerror: failed });
      document.head.append(script);
    });
  return window.mermaid;
}

/** Shows the text until it is drawn, and again when the page turns dark or light. */
const Diagram = defineComponent({
  props: { code: { type: String, required: true } },
  setup({ code }) {
    const { isDark } = useData();
    const id = useId();
    const picture = ref("");
    const draw = async (): Promise<void> => {
      const mermaid = await loadMermaid();
      // Labels in HTML would take the page's line height, and be cut off.
      const plain = { startOnLoad: false, htmlLabels: false, flowchart: { htmlLabels: false } };
      mermaid?.initialize({ ...plain, theme: isDark.value ? "dark" : "default" });
      picture.value = (await mermaid?.render(`diagram-${id}`, code))?.svg ?? "";
    };
    onMounted(draw);
    watch(isDark, draw);
    return () =>
      picture.value === ""
        ? h("pre", { style: "overflow-x: auto" }, code)
        : h("div", { innerHTML: picture.value });
  },
});

const theme: Theme = {
  extends: DefaultTheme,
  enhanceApp: ({ app }) => {
    app.component("Diagram", Diagram);
  },
};

export default theme;
