// The groups of a collection are put into another order: dragged, or by buttons; nothing is saved before somebody says so.

const list = document.querySelector(".columns");
const form = document.getElementById("order");
const status = document.getElementById("moved");
const bar = form.querySelector(".changed");
const before = [...list.children];

function tell(template, column) {
  const columns = [...list.children];
  const words = { name: column?.dataset.name, place: columns.indexOf(column) + 1, count: columns.length };
  status.textContent = template.replace(/{(name|place|count)}/g, (_all, word) => words[word]);
}

function settle() {
  const columns = [...list.children];
  columns.forEach((column, place) => {
    column.querySelector(".place").textContent = place + 1;
    for (const button of column.querySelectorAll("button[name=move]")) {
      const isAtTheEnd = button.value.startsWith("earlier:") ? place === 0 : place === columns.length - 1;
      button.setAttribute("aria-disabled", isAtTheEnd);
    }
  });
  // What was told of it was told of another order.
  bar.querySelector("#effect").replaceChildren();
  bar.hidden = columns.every((column, place) => column === before[place]);
}

list.addEventListener("click", (event) => {
  const button = event.target.closest("button[name=move]");
  if (!button) return;
  event.preventDefault();
  const column = button.closest(".column");
  const isEarlier = button.value.startsWith("earlier:");
  const other = isEarlier ? column.previousElementSibling : column.nextElementSibling;
  if (!other) return;
  if (isEarlier) other.before(column);
  else other.after(column);
  // What is put elsewhere loses the focus.
  button.focus();
  settle();
  tell(status.dataset.moved, column);
});

form.querySelector("[data-back]").addEventListener("click", () => {
  list.append(...before);
  settle();
  tell(status.dataset.back);
  list.querySelector("button[name=move]")?.focus();
});

let dragged = null;
for (const handle of list.querySelectorAll(".handle")) {
  handle.hidden = false;
  handle.draggable = true;
  handle.addEventListener("dragstart", (event) => {
    dragged = handle.closest(".column");
    dragged.classList.add("dragged");
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", dragged.dataset.name);
    event.dataTransfer.setDragImage(dragged, 0, 0);
  });
  handle.addEventListener("dragend", () => {
    dragged.classList.remove("dragged");
    settle();
    tell(status.dataset.moved, dragged);
    dragged = null;
  });
}

list.addEventListener("dragover", (event) => {
  if (!dragged) return;
  event.preventDefault();
  const over = event.target.closest(".column");
  if (!over || over === dragged) return;
  const columns = [...list.children];
  if (columns.indexOf(over) < columns.indexOf(dragged)) over.before(dragged);
  else over.after(dragged);
});
list.addEventListener("drop", (event) => event.preventDefault());
