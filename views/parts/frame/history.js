// One entry of the browser's history for each page that was seen, with its newest view: Back leads to the page before.
// Streamlit makes an entry of every change of a link by the server, and one more when the server opens a page.
// Back and Forward may be quicker than the server: links of pages that were left by then must not land on the entry
// that is shown. Each run that answers Back or Forward begins by saying which address it answers.
if (!window.infoscopeHistory) {
  window.infoscopeHistory = true;
  const push = history.pushState.bind(history);
  const replace = history.replaceState.bind(history);
  let before = null; // address of this page until the server changed its view
  let isAwaited = false; // whether what the server says now may be of a page that Back or Forward left
  let returned = null; // path to which they led, until somebody acts there: a run in answer opens no other page
  const isRefused = (url) => {
    const to = new URL(url, location.href);
    const answered = to.searchParams.get(ANSWERED);
    if (answered !== null) isAwaited = answered !== location.href;
    return answered !== null || isAwaited || (returned !== null && to.pathname !== returned);
  };
  addEventListener("popstate", () => {
    if (location.hash) return; // a jump within the page: no run answers it
    before = null;
    isAwaited = true;
    returned = location.pathname;
  });
  for (const act of ["pointerdown", "keydown", "click"]) {
    addEventListener(
      act,
      (event) => {
        if (event.altKey || event.metaKey) return; // the keys of Back and Forward
        isAwaited = false;
        returned = null;
        if (act === "click" && event.target.closest?.("a[href]")) before = null;
      },
      true,
    );
  }
  history.replaceState = (state, title, url) => {
    if (isRefused(url)) return;
    before = null;
    replace(state, title, url);
  };
  history.pushState = (state, title, url) => {
    if (isRefused(url)) return;
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
