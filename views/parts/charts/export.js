// Figures as files: taken from the plot that is on the page, so that nothing is sent again, with its zoom.
const SHARPNESS = 3;
const NARROWEST = 1200; // pixels of a PNG

/** Find the drawn figure of a key. */
function drawn(key) {
  return document.querySelector(`.st-key-${CSS.escape(key)} .js-plotly-plot`);
}

/** Return data and layout as JSON, in light colours if asked for; LIGHT maps those of the dark palette. */
function jsonOf(figure, light) {
  const { width, height } = figure._fullLayout;
  const plain = (_, value) => (ArrayBuffer.isView(value) ? Array.from(value) : value);
  const json = JSON.stringify({ data: figure.data, layout: { ...figure.layout, width, height } }, plain);
  return light
    ? json.replace(/#[0-9a-f]{6}\b|\b\d+, ?\d+, ?\d+\b/gi, (c) => LIGHT[c.toLowerCase().replaceAll(" ", "")] ?? c)
    : json;
}

function save(address, name) {
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
}

/** Return a page of its own that holds plotly and the figure and opens offline. */
async function pageOf(json, title, paper) {
  const script = await (await fetch(new URL(SCRIPT, document.baseURI))).text();
  const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return new Blob(
    [
      `<!doctype html><html><head><meta charset="utf-8"><title>${escaped(title)}</title>`,
      `<style>body { margin: 1rem; background: ${paper} }</style></head><body><div id="figure"></div><script>`,
      script.replaceAll("</script", "<\\/script"),
      `</script><script>const figure = ${json.replaceAll("<", "\\u003c")};`,
      `Plotly.newPlot("figure", figure.data, figure.layout, { displaylogo: false });</script></body></html>`,
    ],
    { type: "text/html" },
  );
}

async function exportFigure(format, { key, file, alt }, light) {
  const plotly = await loadPlotly();
  const figure = drawn(key);
  if (!plotly || !figure) throw new Error(plotly ? "The figure is not on the page." : MISSING);
  const json = jsonOf(figure, light);
  const { data, layout } = JSON.parse(json);
  const name = `${file}.${format}`;
  if (format === "html" || format === "json") {
    const file =
      format === "json"
        ? new Blob([json], { type: "application/json" })
        : await pageOf(json, alt, layout.template.layout.paper_bgcolor);
    const address = URL.createObjectURL(file);
    save(address, name);
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
    return;
  }
  const { width, height } = layout;
  const scale = format === "png" ? Math.max(SHARPNESS, Math.ceil(NARROWEST / width)) : 1;
  save(await plotly.toImage({ data, layout }, { format, width, height, scale }), name);
}

/** Return what has the focus, wherever it is in shadow trees. */
function focused() {
  let node = document.activeElement;
  while (node?.shadowRoot?.activeElement) node = node.shadowRoot.activeElement;
  return node;
}

/** List what Tab reaches in a menu, from top to bottom. */
function stops(root) {
  return [...root.querySelectorAll("*")].flatMap((node) => {
    if (node.shadowRoot) return stops(node.shadowRoot);
    return node.matches("button, input, a[href]") && !node.disabled && node.tabIndex >= 0 && node.checkVisibility()
      ? [node]
      : [];
  });
}

/** Let the keyboard go through the menu and stay in it; Escape, by Streamlit, closes it and gives the focus back. */
function lead(event, menu) {
  const step = { Tab: event.shiftKey ? -1 : 1, ArrowDown: 1, ArrowUp: -1, ArrowRight: 1, ArrowLeft: -1 }[event.key];
  const within = stops(menu);
  const place = within.indexOf(focused());
  const chooses = event.key.startsWith("Arrow") && focused()?.matches("[role=radio], input[type=radio]");
  if (!step || !within.length || (chooses && /Left|Right/.test(event.key))) return;
  event.preventDefault();
  event.stopPropagation();
  within[(Math.max(place, step < 0 ? 0 : -1) + step + within.length) % within.length].focus();
}

/** Name the menu that holds this component and, if the keyboard opened it, move the focus into it; once. */
function enter(parentElement) {
  const menu = (parentElement.host ?? parentElement.getRootNode().host)?.closest("[data-testid=stPopoverBody]");
  if (!menu || menu.ariaLabel === "Export") return;
  menu.ariaLabel = "Export";
  menu.addEventListener("keydown", (event) => lead(event, menu), true);
  if (document.activeElement?.matches("[data-testid=stPopover] button:focus-visible")) stops(menu)[0]?.focus();
}

export default function ({ parentElement, data }) {
  enter(parentElement);
  const light = parentElement.querySelector(".export-light");
  light.parentElement.hidden = !data.dark;
  const told = parentElement.querySelector("[role=status]");
  for (const button of parentElement.querySelectorAll("button")) {
    button.onclick = async () => {
      told.textContent = "";
      try {
        await exportFigure(button.value, data, data.dark && light.checked);
      } catch (problem) {
        told.textContent = problem.message;
      }
    };
  }
}
