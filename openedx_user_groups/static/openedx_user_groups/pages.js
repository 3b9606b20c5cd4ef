// What all pages do beside showing themselves: parts that could not be loaded are told.

document.addEventListener("htmx:beforeSwap", (event) => {
  // An answer that says what is wrong is shown in the place of the part.
  if (event.detail.xhr.status >= 400 && event.detail.xhr.getResponseHeader("Content-Type")?.startsWith("text/html")) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
});

// A form that does something is sent once, however often somebody clicks; going back in the browser gives it anew.
document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-once]")) return;
  if (event.target.dataset.once === "sent") event.preventDefault();
  event.target.dataset.once = "sent";
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-once]")) form.dataset.once = "";
});

// On narrow screens the sections are a row that scrolls: the one that is shown is in sight.
document.querySelector(".sections [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
