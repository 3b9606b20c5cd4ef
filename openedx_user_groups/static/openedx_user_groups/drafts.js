// What somebody types outlives a session that ends meanwhile: it is kept in the tab of the browser until the form is
// sent, and is put back when they return from logging in. Files, passwords and hidden fields are not kept.

const KEPT = "input:not([type=hidden], [type=password], [type=file], [type=search], [type=submit]), textarea, select";
const PREFIX = "user-groups-draft:";

// Scripts that build a form keep it themselves: data-draft="own".
const forms = () => [...document.querySelectorAll('main form[method="post" i]:not([data-draft="own"])')];
const keyOf = (form) => `${PREFIX}${location.pathname}:${forms().indexOf(form)}`;
const fieldsOf = (form) => [...form.elements].filter((field) => field.matches(KEPT) && field.name);
const isBox = (field) => field.type === "checkbox" || field.type === "radio";

// Open whatever is folded around an element.
function unfold(element) {
  for (let around = element.closest("details"); around; around = around.parentElement.closest("details")) around.open = true;
}

function remember(form) {
  const values = fieldsOf(form).map((field) => [field.name, isBox(field) ? field.checked : field.value]);
  sessionStorage.setItem(keyOf(form), JSON.stringify(values));
}

function restore(form) {
  const values = JSON.parse(sessionStorage.getItem(keyOf(form)) ?? "null");
  const fields = fieldsOf(form);
  // Another form stands there now.
  if (!values || values.length !== fields.length || fields.some((field, place) => field.name !== values[place][0])) return;
  fields.forEach((field, place) => {
    const [before, after] = [isBox(field) ? field.checked : field.value, values[place][1]];
    if (isBox(field)) field.checked = after;
    else field.value = after;
    if (before !== after) unfold(field);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
  unfold(form);
  form.prepend(document.getElementById("draft-is-back").content.cloneNode(true));
}

if (location.hash === "#resumed") {
  history.replaceState(history.state, "", location.pathname + location.search);
  forms().forEach(restore);
} else {
  // Whoever opens the page in the ordinary way sees what is stored, and begins anew.
  for (const key of Object.keys(sessionStorage)) {
    if (key.startsWith(PREFIX)) sessionStorage.removeItem(key);
  }
}

document.addEventListener("input", ({ target }) => {
  if (target.form && forms().includes(target.form)) remember(target.form);
});
document.addEventListener("submit", ({ target }) => {
  if (forms().includes(target)) remember(target);
});
