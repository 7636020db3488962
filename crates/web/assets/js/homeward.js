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
