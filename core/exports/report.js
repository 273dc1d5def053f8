const figures = JSON.parse(document.getElementById("figures").textContent);
const dark = window.matchMedia("(prefers-color-scheme: dark)");
const paper = window.matchMedia("print");
const narrow = window.matchMedia("(max-width: 40rem)");

function draw(mode) {
  for (const [name, { light, dark: night, config }] of Object.entries(figures)) {
    const { data, layout } = mode === "dark" ? night : light;
    layout.title.font.size = narrow.matches ? 11 : 14;
    Plotly.react(document.getElementById(`figure-${name}`), data, { ...layout, autosize: true }, config);
  }
}

const chosen = () => (dark.matches && !paper.matches ? "dark" : "light");
draw(chosen());
for (const query of [dark, paper, narrow]) query.addEventListener("change", () => draw(chosen()));
window.addEventListener("beforeprint", () => draw("light"));
window.addEventListener("afterprint", () => draw(chosen()));
