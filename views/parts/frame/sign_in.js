// A tab keeps what its link asked for while it is at the provider's, of which the server sees nothing, and comes back.
const WANTED = "infoscope-wanted", ASKED = "infoscope-asked";
const came = sessionStorage.getItem(ASKED);
const here = location.pathname + location.search;
if (SIGNED_IN) {
  const wanted = sessionStorage.getItem(WANTED);
  sessionStorage.removeItem(WANTED);
  sessionStorage.removeItem(ASKED);
  if (came && wanted && wanted !== here) location.replace(location.origin + wanted);
} else if (!window.infoscopeSignsIn) {
  window.infoscopeSignsIn = true; // a page may draw itself again, on its way out as well
  if (came) document.querySelector(".sign-in-refused").hidden = false;
  else sessionStorage.setItem(WANTED, here);
  sessionStorage.removeItem(ASKED);
  document.addEventListener("click", (event) => {
    if (event.target.closest("[class*='st-key-sign-in-'] button")) sessionStorage.setItem(ASKED, "yes");
  });
}
