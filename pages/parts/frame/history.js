// One entry of the browser's history for each page that was seen, with its newest view: Back leads to the page before.
// Streamlit makes an entry of every change of a link by the server, and one more when the server opens a page.
if (!window.infoscopeHistory) {
  window.infoscopeHistory = true;
  const push = history.pushState.bind(history);
  const replace = history.replaceState.bind(history);
  let before = null; // address of this page until the server changed its view
  document.addEventListener("click", (event) => event.target.closest?.("a[href]") && (before = null), true);
  history.replaceState = (...change) => {
    before = null;
    replace(...change);
  };
  history.pushState = (state, title, url) => {
    const to = new URL(url, location.href);
    if (to.pathname === location.pathname) {
      before = location.href;
      replace(state, title, url);
    } else {
      if (before && to.search === location.search) replace({}, "", before); // the change was the next page's view
      before = null;
      push(state, title, url);
    }
  };
}
