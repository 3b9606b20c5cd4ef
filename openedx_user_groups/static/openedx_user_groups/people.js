// Who is picked goes into the text, so that they stay there while one looks for others; and a file that is too large
// is told before it is sent.

const text = document.getElementById("people");
const between = /[\s,;]+/;

// With Enter, too, one only looks for people: what is in the text stays there.
document.getElementById("finding")?.addEventListener("submit", (event) => {
  event.preventDefault();
  document.getElementById("find").dispatchEvent(new Event("search", { bubbles: true }));
});

document.getElementById("learners")?.addEventListener("change", (event) => {
  const box = event.target;
  if (box.name !== "picked") return;
  const names = text.value.split(between).filter(Boolean);
  if (box.checked && !names.includes(box.value)) {
    text.value = text.value.trimEnd() + (names.length ? "\n" : "") + box.value + "\n";
  } else if (!box.checked) {
    text.value = text.value.split("\n").filter((line) => line.trim() !== box.value).join("\n");
  }
});

// Those who are in the text already are ticked in what was found.
document.addEventListener("htmx:afterSwap", (event) => {
  if (!text) return;
  const names = new Set(text.value.split(between));
  for (const box of event.target.querySelectorAll("input[name=picked]:not(:disabled)")) box.checked = names.has(box.value);
});

for (const form of document.querySelectorAll("form[data-limit]")) {
  const input = form.querySelector("input[type=file]");
  const fault = form.querySelector(".errors");
  const check = () => {
    const isTooLarge = [...input.files].some((file) => file.size > Number(form.dataset.limit));
    fault.textContent = isTooLarge ? form.dataset.tooLarge : "";
    input.setAttribute("aria-invalid", isTooLarge);
    for (const button of form.querySelectorAll("button[type=submit]")) button.disabled = isTooLarge;
  };
  input.addEventListener("change", check);
}
