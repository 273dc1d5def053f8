// A figure that is drawn once it is in sight, and redrawn in place: zoom, hover and a drag under way survive new data.
const page = (window.infoscopeCharts ??= {
  byNode: new WeakMap(), shown: new Set(), paused: false, chosen: {}, margins: {}, queue: Promise.resolve(),
});

const NEAR = "300px"; // a little more than is in sight is drawn, so that scrolling finds it there
const AT_LEISURE = { timeout: 1000 };
const PATIENCE = 3000; // milliseconds after which other figures wait no longer for one

/** Hold the figure of one DOM node, and the buttons beneath it. */
class Chart {
  constructor(node, tools, file) {
    this.node = node;
    this.pressed = false;
    this.waiting = undefined; // what it will show once it may
    this.wanted = undefined; // what it will show once those before it are drawn
    this.figure = undefined; // what it shows
    this.inSight = false;
    this.abort = new AbortController();
    this.form = page.chosen[file] ??= { past: 0, log: undefined }; // stays as chosen when the page is left
    if (!page.shown.size) page.paused = false;
    page.shown.add(this);
    this.listen();
    this.offer(tools);
    this.resized = new ResizeObserver(() => this.fit());
    this.resized.observe(node);
    this.scrolled = new IntersectionObserver((seen) => this.see(seen.at(-1).isIntersecting), { scrollMargin: NEAR });
    this.scrolled.observe(node);
  }

  /** Note whether the figure is in sight: only then is it drawn. */
  see(inSight) {
    this.inSight = inSight;
    if (inSight) this.next();
  }

  /** Follow the mouse: a drag under way, and where it rests. */
  listen() {
    const { node } = this, { signal } = this.abort;
    node.addEventListener("pointerdown", (event) => (this.pressed = event.button === 0), { signal, capture: true });
    for (const kind of ["pointerup", "pointercancel", "pointermove"]) {
      const released = (event) => this.pressed && !(event.buttons & 1) && setTimeout(() => this.release());
      window.addEventListener(kind, released, { signal, capture: true }); // a move tells of a release outside the window
    }
    node.addEventListener("pointermove", (event) => (this.pointer = event), { signal });
    node.addEventListener("pointerleave", () => (this.pointer = undefined), { signal });
  }

  /** Let the buttons choose the form of this figure, and pause all of the page. */
  offer(tools) {
    this.smooth = tools.querySelector(".chart-smooth");
    this.log = tools.querySelector(".chart-log");
    this.pause = tools.querySelector(".chart-pause");
    const slider = this.smooth.querySelector("input");
    slider.value = this.form.past;
    slider.oninput = () => {
      this.form.past = Number(slider.value);
      this.redraw();
    };
    this.log.onclick = () => {
      this.form.log = this.log.ariaPressed !== "true";
      this.redraw();
    };
    this.pause.onclick = () => {
      page.paused = !page.paused;
      for (const plot of page.shown) plot.release();
      for (const plot of page.shown) plot.tell();
    };
    this.tell();
  }

  /** Say what is seen, and whether it stands still. */
  tell() {
    this.pause.ariaPressed = String(page.paused);
    this.node.classList.toggle("is-paused", page.paused);
    if (this.figure) this.node.setAttribute("aria-label", `${page.paused ? "Paused. " : ""}${this.figure.alt}`);
  }

  /** Draw a figure, or keep it: while paused, and until the mouse button is up, as a redraw would end the drag. */
  show(figure) {
    this.waiting = undefined;
    if (figure.json === (this.wanted ?? this.figure)?.json) return;
    const isHeld = this.pressed || (page.paused && figure.paper === this.figure?.paper);
    if (!this.inSight || (this.figure && isHeld)) this.waiting = figure;
    else this.redraw(figure);
  }

  release() {
    this.pressed = false;
    this.next();
  }

  next() {
    if (this.waiting) this.show(this.waiting);
  }

  /** Draw after the figures before it, one at a time, so that clicks are heard in between; first what is in sight. */
  redraw(figure = this.figure) {
    if (!figure) return;
    const isInLine = Boolean(this.wanted);
    this.wanted = figure;
    if (isInLine) return; // a figure that changes faster than it can be drawn takes no second place
    const { top, bottom } = this.node.getBoundingClientRect();
    const drawn = () => Promise.race([this.draw(), breath(PATIENCE)]);
    const draw = () => (page.queue = page.queue.then(drawn).catch(console.error).then(() => breath(0)));
    if (this.figure || (bottom > 0 && top < innerHeight)) draw();
    else requestIdleCallback(draw, AT_LEISURE);
  }

  async draw() {
    const figure = this.wanted;
    this.wanted = undefined;
    const plotly = await loadPlotly();
    if (this.abort.signal.aborted) return;
    if (!plotly) {
      this.node.textContent = MISSING;
      return;
    }
    if (!this.figure) this.node.textContent = "";
    const { data, layout } = this.formed(JSON.parse(figure.json));
    await this.react(plotly, data, { ...layout, autosize: true, uirevision: revision(figure, layout) }, figure);
    if (this.abort.signal.aborted) {
      plotly.purge(this.node); // it left the page in between
      return;
    }
    if (!this.figure) {
      this.node.on("plotly_click", ({ points }) => this.clicked(points[0]?.customdata));
      this.node.on("plotly_relayout", () => fits(this.node, true) || this.redraw()); // a zoom may need longer labels
    }
    this.figure = figure;
    this.tell();
    this.hover();
  }

  /** Let plotly draw with the margins of last time, and measure them where there are none or these do not fit. */
  async react(plotly, data, layout, { key, config }) {
    const place = [key, this.node.clientWidth, layout.xaxis?.categoryarray, layout.yaxis?.categoryarray].join();
    const known = page.margins[place];
    if (known) await plotly.react(this.node, data, withMargins(layout, known), config);
    if (this.abort.signal.aborted || (known && fits(this.node, known.loose))) return;
    await plotly.react(this.node, data, layout, config);
    page.margins[place] = { ...marginsOf(this.node), loose: !fits(this.node) };
  }

  /** Return data and layout in the chosen form, and offer the forms that there are. */
  formed({ data, layout }) {
    const axes = logAxes(data, layout), canSmooth = isOverEpochs(layout);
    const log = this.form.log ?? axes.some((name) => layout[name].type === "log");
    this.smooth.hidden = !canSmooth;
    this.log.hidden = !axes.length;
    this.log.ariaPressed = String(log);
    const curves = canSmooth && this.form.past > 0 ? smoothed(data, this.form.past) : data;
    return { data: legible(curves, this.node.clientWidth), layout: withLog(layout, axes, log) };
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
    if (this.figure && this.node.clientWidth > 0) window.Plotly.Plots.resize(this.node);
  }

  dispose() {
    page.shown.delete(this);
    this.abort.abort();
    this.resized.disconnect();
    this.scrolled.disconnect();
    window.Plotly?.purge(this.node);
  }
}

/** Let the browser paint and listen. */
function breath(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Name what a zoom belongs to: it is kept until the figure is about something else, or its axes hold other categories. */
function revision({ file }, { xaxis, yaxis }) {
  return [file, xaxis?.categoryarray, yaxis?.categoryarray].join();
}

export default function ({ parentElement, data, setTriggerValue }) {
  const node = parentElement.querySelector(".chart-figure"), tools = parentElement.querySelector(".chart-tools");
  if (!page.byNode.has(node)) page.byNode.set(node, new Chart(node, tools, data.file));
  node.style.height = `${data.height}px`;
  tools.setAttribute("aria-label", data.title);
  tools.hidden = !data.tools;
  const chart = page.byNode.get(node);
  chart.clicked = (point) => data.clickable && point !== undefined && setTriggerValue("clicked", point);
  if (!chart.figure) node.setAttribute("aria-label", data.alt);
  chart.show(data);
  // Streamlit also calls this for a draw that a newer one overtook: only a node that left the page is done with.
  return () => setTimeout(() => {
    if (!node.isConnected) page.byNode.get(node)?.dispose();
  });
}
