// Parts of pages that are replaced: addresses stay short, and the keyboard's place is not lost.

// A field that was left empty asks for nothing, and is not in the address.
document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (detail.verb !== "get") return;
  for (const [name, value] of [...detail.formData.entries()]) {
    if (value === "") detail.formData.delete(name);
  }
});

// htmx gives the focus back to what has the same id; where that is gone, the part gets it.
let hadFocus = null;
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  hadFocus = detail.target.contains(document.activeElement) ? detail.target.id : null;
});
document.addEventListener("htmx:afterSettle", () => {
  const part = hadFocus && document.getElementById(hadFocus);
  if (part && document.activeElement === document.body) {
    part.tabIndex = -1;
    part.focus({ preventScroll: true });
  }
  hadFocus = null;
});
