// The blocks and criteria of a rule as one sees them.

import { begun, fields } from "./rule_form.js";
import { leaves, walk } from "./rule_tree.js";
import { part, word } from "./rule_words.js";

export class Nodes {
  // ``act(name, node, value)`` is called for whatever somebody does. What is wrong with a criterion is told where
  // somebody has been at it, or of all with ``tellsAll``.
  constructor(place, settings, act, tellsAll) {
    Object.assign(this, { place, settings, act, tellsAll, visited: new Set() });
    this.types = new Map(settings.types.map((type) => [type.name, type]));
    place.addEventListener("click", (event) => {
      const button = event.target.closest("[data-act]");
      const node = button && this.#nodeOf(button);
      if (node) act(button.dataset.act, node);
    });
    place.addEventListener("keydown", (event) => {
      const step = { ArrowUp: "up", ArrowDown: "down" }[event.key];
      const node = step && event.altKey && this.#nodeOf(event.target);
      if (!node || node.id === this.root.id) return;
      event.preventDefault();
      act(step, node);
    });
    place.addEventListener("focusout", (event) => {
      const leaf = event.target.closest(".leaf");
      // Showing the tree anew takes the focus as well.
      if (this.isShowing || !leaf || leaf.contains(event.relatedTarget) || !document.hasFocus()) return;
      this.visited.add(leaf.dataset.node);
      if (!this.isPressed) act("left");
    });
    // What is told moves what is below: not from under the pointer, between pressing and releasing it.
    document.addEventListener("pointerdown", () => (this.isPressed = true), true);
    for (const name of ["pointerup", "pointercancel"]) {
      document.addEventListener(name, () => {
        this.isPressed = false;
        setTimeout(() => act("left"));
      });
    }
  }

  // The node at a JSON pointer.
  at(pointer) {
    return [...this.found.values()].find(({ path }) => path === pointer)?.node;
  }

  title(node) {
    if (node.id === this.root.id) return word("outermost");
    if (node.children) return word("block");
    return this.types.get(node.criterion)?.title ?? String(node.criterion);
  }

  // Show the whole tree anew; who had the focus keeps it.
  show(root) {
    this.root = root;
    const focused = document.activeElement;
    const held = this.place.contains(focused) ? this.#nodeOf(focused)?.id : "";
    const [action, key] = [focused?.dataset?.act, focused?.closest?.("[data-key]")?.dataset.key];
    this.found = new Map([...walk(root)].map((each) => [each.node.id, each]));
    this.isFull = leaves(root) >= this.settings.max_leaves;
    this.isShowing = true;
    this.place.replaceChildren(this.#node(root));
    this.isShowing = false;
    if (held && this.found.has(held)) this.focus(held, action, key);
  }

  // Put the focus on a node: on the button with an act, on a field, or on the first control.
  focus(id, action = "", key = "") {
    const element = this.element(id);
    const wanted = [
      key && `[data-key="${CSS.escape(key)}"] :is(input, select)`,
      action && `[data-act="${action}"]:not([disabled])`,
      "[data-fields] :is(input, select)",
      "select",
      "button:not([disabled])",
    ];
    wanted.map((selector) => selector && element?.querySelector(selector)).find(Boolean)?.focus();
  }

  element(id) {
    return this.place.querySelector(`[data-node="${id}"]`);
  }

  // Say at each node what is wrong with it, and how many it is true of.
  tell(problems, counts) {
    for (const { node, path } of this.found.values()) {
      const element = this.element(node.id);
      const own = this.#isToldOf(node) ? problems.filter((problem) => this.#isAt(problem.path, path, node)) : [];
      const told = own.map((problem) => problem.message).join(" ");
      const slot = element.querySelector(":scope > [data-problem]");
      slot.textContent = told;
      slot.hidden = !told;
      element.classList.toggle("wrong", Boolean(told));
      if (node.children) continue;
      this.#mark(element, own, path, slot);
      element.querySelector("[data-count]").textContent = counted(counts.get(path));
    }
  }

  // A block that was just added is as unfinished as a criterion.
  #isToldOf(node) {
    return this.tellsAll || (node.children ? node.children.length > 0 : this.visited.has(node.id));
  }

  #isAt(pointer, path, node) {
    if (!node.children) return pointer === path || pointer.startsWith(`${path}/`);
    // What is about the list of a block, and not about one in it.
    return pointer === path || pointer === `${path}/${node.combine}`;
  }

  #mark(element, own, path, slot) {
    for (const field of element.querySelectorAll("[data-key]")) {
      const at = `${path}/config/${field.dataset.key}`;
      const isWrong = own.some((problem) => problem.path === at || problem.path.startsWith(`${at}/`));
      for (const control of field.querySelectorAll("input, select, textarea")) {
        control.toggleAttribute("aria-invalid", false);
        if (isWrong) control.setAttribute("aria-invalid", "true");
        control.setAttribute("aria-describedby", isWrong ? slot.id : "");
        if (!isWrong) control.removeAttribute("aria-describedby");
      }
    }
  }

  #nodeOf(element) {
    return this.found?.get(element.closest("[data-node]")?.dataset.node)?.node;
  }

  #node(node) {
    const element = node.children ? this.#branch(node) : this.#leaf(node);
    element.dataset.node = node.id;
    element.querySelector(":scope > [data-problem]").id = `problem-${node.id}`;
    const acts = element.querySelector(".node-bar [data-acts]");
    if (node.id !== this.root.id) {
      acts.append(part("acts"));
      for (const label of acts.querySelectorAll(".unseen")) label.textContent += `: ${this.title(node)}`;
      acts.querySelector('[data-act="copy"]').disabled = leaves(node) + leaves(this.root) > this.settings.max_leaves;
    }
    return element;
  }

  #branch(node) {
    const element = part("branch").firstElementChild;
    element.querySelector("legend").textContent = this.title(node);
    const combine = element.querySelector("[data-combine]");
    combine.value = node.combine;
    combine.addEventListener("change", () => this.act("combine", node, combine.value));
    const list = element.querySelector("[data-children]");
    for (const child of node.children) {
      const item = document.createElement("li");
      item.append(this.#node(child));
      list.append(item);
    }
    element.querySelector("[data-nothing]").hidden = node.children.length > 0;
    const { depth } = this.found.get(node.id);
    const add = element.querySelector(':scope > .actions [data-act="add"]');
    const block = element.querySelector(':scope > .actions [data-act="block"]');
    add.disabled = this.isFull || depth >= this.settings.max_depth;
    // A block in which there is no room for a criterion is of no use.
    block.disabled = this.isFull || depth + 1 >= this.settings.max_depth;
    return element;
  }

  #leaf(node) {
    const element = part("leaf").firstElementChild;
    const type = this.types.get(node.criterion);
    element.setAttribute("aria-label", this.title(node));
    element.querySelector("[data-title]").textContent = this.title(node);
    const operators = element.querySelector("[data-operator]");
    if (!type) {
      element.querySelector(".leaf-form").textContent = word("unknown", { name: node.criterion });
      return element;
    }
    operators.append(...type.operators.map(({ name, title }) => new Option(title, name, false, name === node.operator)));
    operators.addEventListener("change", () =>
      this.act("operator", node, { operator: operators.value, config: begun(type, operators.value, node.config) }),
    );
    const changed = (key, value) => {
      this.visited.add(node.id);
      this.act("config", node, { key, value });
    };
    element.querySelector("[data-fields]").append(...fields({ type, leaf: node, settings: this.settings, changed }));
    return element;
  }
}

function counted(count) {
  if (!count) return "";
  const told = word("counted", count);
  return count.unknown ? `${told} · ${word("noData", count)}` : told;
}
