// On a phone the sidebar covers the page: it closes once a page was chosen there.
if (!window.infoscopeNarrow) {
  const WIDEST = 768; // pixels up to which Streamlit lays the sidebar over the page
  const close = () => document.querySelector("[data-testid=stSidebar] button[aria-label='Collapse sidebar']")?.click();
  addEventListener("click", ({ target }) => {
    if (innerWidth <= WIDEST && target.closest?.("[data-testid=stSidebarNavLink]")) setTimeout(close);
  }, true);
  window.infoscopeNarrow = true;
}
