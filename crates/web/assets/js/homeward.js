// Quick exit: a click or the Esc key leaves without an entry in the history for the page that was left.
// Without this file the link still leaves.
(() => {
  const exit = document.querySelector("[data-quick-exit]");
  if (!exit) return;
  const leave = (event) => {
    event.preventDefault();
    document.body.hidden = true;
    window.location.replace(exit.href);
  };
  exit.addEventListener("click", leave);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") leave(event);
  });
})();

// A page of the record left alone is covered when its session is over. Without this file the page goes to the door by itself.
(() => {
  const seat = document.querySelector("[data-idle-seconds]");
  if (!seat) return;
  const idle = Number(seat.dataset.idleSeconds) * 1000;
  let last = Date.now();
  const leave = () => {
    document.body.hidden = true;
    window.location.replace("/sign-in?then=" + encodeURIComponent(window.location.pathname));
  };
  const look = () => {
    if (Date.now() - last >= idle) leave();
  };
  for (const kind of ["keydown", "pointerdown", "input", "scroll"]) {
    document.addEventListener(kind, () => { look(); last = Date.now(); }, { passive: true });
  }
  document.addEventListener("visibilitychange", look);
  window.addEventListener("pageshow", look);
  setInterval(look, 5000);
})();
