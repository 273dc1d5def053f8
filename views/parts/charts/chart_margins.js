// Margins that plotly measured once. To measure them it draws a figure several times over, which takes most of the time
// of a draw: so they are kept, and measured anew only when the labels of the new figure need other ones.
const AXES = ".xaxislayer-above text, .yaxislayer-above text, .g-xtitle, .g-ytitle, .g-y2title";
const SIDES = ["l", "r", "b"]; // the one above is known from the lines of the title
const CUT = 1, WASTED = 24; // pixels

/** Return the layout with known margins, not to be measured. */
function withMargins(layout, { loose, ...known }) {
  const fixed = Object.keys(layout).filter((name) => /^[xy]axis\d*$/.test(name));
  const axes = fixed.map((name) => [name, { ...layout[name], automargin: false }]);
  return { ...layout, ...Object.fromEntries(axes), margin: { ...layout.margin, ...known } };
}

/** Return the margins of a drawn figure. */
function marginsOf(node) {
  const size = node._fullLayout._size;
  return Object.fromEntries(SIDES.map((side) => [side, Math.ceil(size[side])]));
}

/** Return whether the labels of the axes fill their margins: none is cut and, unless these are loose, no room wasted. */
function fits(node, loose = false) {
  const box = node.getBoundingClientRect(), labels = node.querySelectorAll(AXES);
  const seen = [...labels].map((label) => label.getBoundingClientRect()).filter(({ width }) => width > 0);
  if (!seen.length) return true;
  const left = Math.min(...seen.map((each) => each.left)) - box.left;
  const right = box.right - Math.max(...seen.map((each) => each.right));
  const below = box.bottom - Math.max(...seen.map((each) => each.bottom));
  return Math.min(left, right, below) >= -CUT && (loose || Math.max(left, below) <= WASTED);
}
