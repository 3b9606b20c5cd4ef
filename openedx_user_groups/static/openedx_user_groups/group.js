// The list of members: all of a page are chosen by one box, which without scripts is not there.

function offer() {
  for (const box of document.querySelectorAll("[data-check-all]")) box.hidden = false;
}

document.addEventListener("change", ({ target }) => {
  const form = target.closest("form");
  if (target.matches("[data-check-all]")) {
    for (const box of form.querySelectorAll('input[name="people"]')) box.checked = target.checked;
  } else if (target.matches('input[name="people"]')) {
    const all = form.querySelector("[data-check-all]");
    if (all) all.checked = !form.querySelector('input[name="people"]:not(:checked)');
  }
});
document.addEventListener("htmx:afterSettle", offer);
offer();
