// What Streamlit leaves to the reader when something breaks: a page that it failed to draw is loaded anew, as its state
// is in its address; and a server that is away is spoken of as who reads the page knows it, not as its developer does.
if (!window.infoscopeRecovery) {
  const LOOK = 500, LEAST = 15_000; // milliseconds between two looks, and between two attempts
  const PATIENCE = 4; // looks at an empty page that nothing will be drawn on
  const AWAY = "The server does not answer: it may be restarting, or the network is down. This page comes back by itself; "
    + "trainings go on from their last state once the server is back.";
  const attempted = () => Number(sessionStorage.getItem("infoscope-reloaded") ?? 0);
  const isAtRest = "[data-test-connection-state=CONNECTED][data-test-script-state=notRunning] [data-testid=stMain]";
  let empty = 0;
  const look = () => {
    const root = document.getElementById("root"), main = document.querySelector(isAtRest);
    empty = main && !main.querySelector("h1") && !main.innerText.trim() ? empty + 1 : 0;
    const isLost = (root && !root.childElementCount) || empty >= PATIENCE;
    if (isLost && Date.now() - attempted() > LEAST) {
      sessionStorage.setItem("infoscope-reloaded", String(Date.now()));
      location.reload();
    }
    for (const title of document.querySelectorAll("[role=dialog] h2")) {
      const dialog = title.closest("[role=dialog]");
      if (title.textContent !== "Connection error" || dialog.querySelector(".page-away")) continue;
      title.nextElementSibling?.style.setProperty("display", "none", "important");
      const words = Object.assign(document.createElement("p"), { className: "page-away", textContent: AWAY });
      words.style.margin = "0 1.5rem 1.5rem";
      dialog.append(words);
    }
  };
  window.infoscopeRecovery = setInterval(look, LOOK);
}
