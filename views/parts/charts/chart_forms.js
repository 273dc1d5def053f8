// Other forms of a figure that its own data give: smooth curves and logarithmic axes.
const ARRAYS = {
  f8: Float64Array, f4: Float32Array, i4: Int32Array, u4: Uint32Array,
  i2: Int16Array, u2: Uint16Array, i1: Int8Array, u1: Uint8Array,
};
const NARROW = 420; // pixels
const FAINT = { opacity: 0.3, showlegend: false, hoverinfo: "skip", hovertemplate: undefined };

/** Return the values of a trace, which plotly may have packed into bytes. */
function unpacked(values) {
  if (!values?.bdata) return Array.from(values ?? []);
  const bytes = Uint8Array.from(atob(values.bdata), (letter) => letter.charCodeAt(0));
  return Array.from(new ARRAYS[values.dtype](bytes.buffer));
}

/** Compute the exponential running mean, unbiased at its start; missing values are skipped. */
function runningMean(values, past) {
  let mean = 0, weight = 0;
  return values.map((value) => {
    if (!Number.isFinite(value)) return null;
    mean = past * mean + (1 - past) * value;
    weight = past * weight + (1 - past);
    return mean / weight;
  });
}

/** Write a number of a narrow cell: ".58" for "0.58", "1.2" for "1.17". */
function brief(text) {
  const value = Number(text.replace("−", "-"));
  if (!text || !Number.isFinite(value)) return text;
  if (value >= 1) return value < 10 ? value.toFixed(1) : text;
  return value === 0 ? "0" : text.replace(/^(−?)0\./, "$1.");
}

/** Return the maps of a narrow figure with numbers that can be read: plotly makes them as large as the cells allow. */
function legible(data, width) {
  const isMap = ({ type, texttemplate }) => type === "heatmap" && texttemplate === "%{text}";
  if (width > NARROW) return data;
  return data.map((trace) => (isMap(trace) ? { ...trace, text: trace.text.map((row) => row.map(brief)) } : trace));
}

function isOverEpochs(layout) {
  return layout.xaxis?.title?.text === "epoch";
}

/** Replace curves by their running means; the curves stay, faint, at the end, where they move no other trace. */
function smoothed(data, past) {
  const isCurve = ({ type, mode, fill, line }) => type === "scatter" && mode === "lines" && !fill && line?.width !== 0;
  const curves = data.filter(isCurve);
  const means = data.map((trace) => (isCurve(trace) ? { ...trace, y: runningMean(unpacked(trace.y), past) } : trace));
  return [...means, ...curves.map((trace) => ({ ...trace, ...FAINT }))];
}

/** Name the vertical axes that can be linear and logarithmic: see charts.py; nothing on them is negative. */
function logAxes(data, layout) {
  const drawn = (name) => data.filter((trace) => (trace.yaxis ?? "y") === name.replace("axis", ""));
  const fromNought = (axis) => axis.rangemode === "tozero" || (axis === layout.yaxis && axis.range?.[0] === 0);
  const isMeant = (axis) => axis.type === "log" || (!axis.type && (fromNought(axis) || isOverEpochs(layout)));
  return Object.keys(layout).filter((name) => {
    const axis = layout[name];
    if (!/^yaxis\d*$/.test(name) || axis.visible === false || axis.overlaying || !isMeant(axis)) return false;
    const values = drawn(name).flatMap((trace) => unpacked(trace.y)).filter(Number.isFinite);
    return values.every((value) => value >= 0) && values.some((value) => value > 0);
  });
}

/** Return an axis in its other form; what was chosen for one form, such as ticks, is left to plotly in the other. */
function otherForm({ dtick, minor, tickvals, ticktext, range, rangemode, nticks, ...axis }) {
  if (axis.type !== "log") return { ...axis, type: "log", minor: { ticks: "outside", ticklen: 2 }, nticks: 4 };
  const until = range && { range: [0, 10 ** range[1]] };
  return { ...axis, type: "linear", rangemode: "tozero", nticks: 6, ...until };
}

/** Return the layout with these axes logarithmic or not; a zoom of one form does not outlive it. */
function withLog(layout, axes, log) {
  const others = axes.filter((name) => (layout[name].type === "log") !== log);
  const changed = axes.map((name) => {
    const axis = others.includes(name) ? otherForm(layout[name]) : layout[name];
    return [name, { ...axis, uirevision: log ? "log" : "linear" }];
  });
  const annotations = layout.annotations?.map((note) => {
    if (!others.includes((note.yref ?? "y").replace("y", "yaxis"))) return note;
    return { ...note, y: log ? Math.log10(note.y) : 10 ** note.y }; // of a log axis, plotly takes the exponent
  });
  return { ...layout, ...Object.fromEntries(changed), ...(annotations && { annotations }) };
}
