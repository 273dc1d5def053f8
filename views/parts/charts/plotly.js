const SCRIPT = "app/static/plotly.min.js";
const MISSING = "This figure cannot be drawn: static/plotly.min.js is missing. Run “make static”, then reload the page.";

/** Load plotly once for all figures of the page. */
function loadPlotly() {
  window.infoscopePlotly ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = new URL(SCRIPT, document.baseURI);
    script.onload = () => (window.Plotly ? resolve(window.Plotly) : reject());
    script.onerror = () => reject();
    document.head.append(script);
  }).catch(() => {
    window.infoscopePlotly = undefined; // try again on the next draw
    return undefined;
  });
  return window.infoscopePlotly;
}
