// A figure that is redrawn in place: one DOM node, so that zoom, hover and a drag under way survive new data.
/** Hold the figure of one DOM node. */
class LivePlot {
  constructor(node) {
    this.node = node;
    this.pressed = false;
    this.waiting = undefined;
    this.drawn = undefined;
    this.queue = Promise.resolve();
    this.abort = new AbortController();
    const { signal } = this.abort;
    node.addEventListener("pointerdown", (event) => (this.pressed = event.button === 0), { signal, capture: true });
    for (const kind of ["pointerup", "pointercancel", "pointermove"]) {
      const released = (event) => this.pressed && !(event.buttons & 1) && setTimeout(() => this.release());
      window.addEventListener(kind, released, { signal, capture: true }); // a move tells of a release outside the window
    }
    node.addEventListener("pointermove", (event) => (this.pointer = event), { signal });
    node.addEventListener("pointerleave", () => (this.pointer = undefined), { signal });
    this.observer = new ResizeObserver(() => this.fit());
    this.observer.observe(node);
  }

  /** Draw a figure, or keep it until the mouse button is up: a redraw would end the drag. */
  show(figure) {
    if (figure.json === this.drawn) return;
    if (this.pressed) this.waiting = figure;
    else this.queue = this.queue.then(() => this.draw(figure));
  }

  release() {
    this.pressed = false;
    const figure = this.waiting;
    this.waiting = undefined;
    if (figure) this.show(figure);
  }

  async draw({ json, config }) {
    const plotly = await loadPlotly();
    if (this.abort.signal.aborted) return;
    if (!plotly) {
      this.node.textContent = MISSING;
      return;
    }
    if (this.drawn === undefined) this.node.textContent = "";
    const { data, layout } = JSON.parse(json);
    await plotly.react(this.node, data, { ...layout, autosize: true, uirevision: "live" }, config);
    this.drawn = json;
    this.hover();
  }

  /** Show again what the mouse rests on, with its new value. */
  hover() {
    if (!this.pointer) return;
    const { clientX, clientY } = this.pointer;
    const under = document.elementFromPoint(clientX, clientY);
    if (this.node.contains(under)) {
      under.dispatchEvent(new MouseEvent("mousemove", { clientX, clientY, bubbles: true }));
    }
  }

  /** Follow the width of the column. */
  fit() {
    if (this.drawn !== undefined && this.node.clientWidth > 0) window.Plotly.Plots.resize(this.node);
  }

  dispose() {
    this.abort.abort();
    this.observer.disconnect();
    window.Plotly?.purge(this.node);
  }
}

const plots = (window.infoscopePlots ??= new WeakMap());

export default function ({ parentElement, data }) {
  const node = parentElement.querySelector(".live-plot");
  if (!plots.has(node)) plots.set(node, new LivePlot(node));
  node.style.height = `${data.height}px`;
  node.setAttribute("aria-label", data.alt);
  plots.get(node).show(data);
  // Streamlit also calls this for a draw that a newer one overtook: only a node that left the page is done with.
  return () => setTimeout(() => {
    if (!node.isConnected) plots.get(node)?.dispose();
  });
}
