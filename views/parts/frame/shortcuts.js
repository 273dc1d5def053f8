// Keys of all pages: see shortcuts.py. Letters are left to whoever types.
const SILENT = "infoscope-keys-off"; // set by shortcuts_switch.js
const MAIN_BUTTON = '.stMain button[data-testid^="stBaseButton-primary"]:enabled';
const SAMPLE = '[class*="st-key-use-"]'; // many main buttons in a row: none is that of the page
const STOP = '.stMain [class*="st-key-stop-"] button:enabled';
const PAGE = '[data-testid="stSidebarNavLink"]';
const TYPING = "textarea, select, [contenteditable=true], input:not([type=checkbox], [type=radio], [type=range])";
const OWN_KEYS = '[role="dialog"], [role="listbox"], [role="grid"], canvas'; // what understands letters itself
const OWN_SEARCH = ':is(.stMain input[type="text"][aria-label^="Search" i], .stMain input[placeholder^="Search" i])';
const MENUS = '.stMain input[role="combobox"]';

const all = (selector) => [...document.querySelectorAll(selector)];
const isSeen = (element) => element.checkVisibility({ visibilityProperty: true });

function pressMain() {
  const buttons = all(MAIN_BUTTON).filter(isSeen);
  (buttons.find((button) => !button.closest(SAMPLE)) ?? buttons[0])?.click();
}

function stop() {
  document.querySelector(STOP)?.click();
}

const ON_ITS_WAY = 1500; // milliseconds for which a page that a key asked for is taken as the present one

let wanted = { place: 0, until: 0 };

/** Go to the next page or the one before, counted from the one that was asked for: the menu marks it when it is there. */
function turn(by) {
  const links = all(PAGE), now = performance.now();
  const here = now < wanted.until ? wanted.place : links.findIndex((link) => link.ariaCurrent === "page");
  const place = (here + by + links.length) % links.length;
  wanted = { place, until: now + ON_ITS_WAY };
  links[place]?.click();
}

/** Find what chooses among columns: a field or the search of a table, else the menu that names variables best. */
function searched() {
  const own = document.querySelector(OWN_SEARCH);
  const menus = all(MENUS), named = (words) => menus.find((menu) => words.test(menu.ariaLabel));
  return own ?? named(/^variables/i) ?? named(/variables?\b|column/i) ?? named(/^[xy]$/i)
    ?? document.querySelector('.stMain button[aria-label="Search"]') ?? menus[0];
}

/** Go there; what is folded opens first. */
function search() {
  const field = searched(), fold = field?.closest("details:not([open])");
  fold?.querySelector("summary").click();
  let left = 20; // frames until the fold is open
  const enter = () => {
    if (field.matches("button")) return field.click();
    field.focus();
    if (document.activeElement !== field && left--) requestAnimationFrame(enter);
  };
  if (field) enter();
}

function help() {
  document.querySelector(".st-key-show-shortcuts button")?.click();
}

const LETTERS = { n: () => turn(1), p: () => turn(-1), "/": search, "?": help };

/** Return what a key does, or nothing. */
function meaning({ key, ctrlKey, metaKey, altKey, target }) {
  const isTyping = target.matches(TYPING);
  if (altKey || localStorage.getItem(SILENT)) return undefined;
  if (ctrlKey || metaKey) {
    if (key === "Enter" && !target.matches("textarea")) return pressMain;
    return key === "Backspace" && !isTyping ? stop : undefined;
  }
  return isTyping || target.closest(OWN_KEYS) ? undefined : LETTERS[key.toLowerCase()];
}

function listen() {
  document.addEventListener("keydown", (event) => {
    const act = !event.repeat && !event.defaultPrevented && meaning(event);
    if (!act) return;
    event.preventDefault();
    act();
  });
  return true;
}

export default function () {
  window.infoscopeKeys ??= listen(); // once, as the sidebar is on every page
}
