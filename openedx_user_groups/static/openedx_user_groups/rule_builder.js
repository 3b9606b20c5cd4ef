// The builder of rules: what somebody does to the tree is written as JSON into the form, previewed and kept.

import { begun } from "./rule_form.js";
import { History } from "./rule_history.js";
import { forgetSent, Keeping } from "./rule_keeping.js";
import { Nodes } from "./rule_nodes.js";
import { Picker } from "./rule_picker.js";
import { RulePreview } from "./rule_preview.js";
import * as tree from "./rule_tree.js";
import { word } from "./rule_words.js";

class Builder {
  constructor(root, settings) {
    this.root = root;
    this.settings = settings;
    this.form = root.closest("form");
    this.text = root.querySelector("textarea[name=rule]");
    this.told = root.querySelector("[data-told]");
    this.picker = new Picker(document.querySelector("[data-picker]"), settings.types);
    const act = (name, node, value) => this.#act(name, node, value);
    this.nodes = new Nodes(root.querySelector("[data-tree]"), settings, act, root.hasAttribute("data-refused"));
    this.preview = new RulePreview(root, {
      address: settings.preview,
      token: this.form.elements.csrfmiddlewaretoken.value,
      text: () => this.text.value,
      answered: () => this.#tell(),
    });
    this.keeping = new Keeping(this.form, settings.user);
    this.#listen();
  }

  // Begin with what the form has; what is no rule at all stays as text, and is asked about as it is.
  begin() {
    this.rule = this.#read(this.text.value);
    if (!this.rule) return this.preview.ask();
    this.root.querySelector("[data-plain]").hidden = true;
    this.root.querySelector("[data-history]").hidden = false;
    this.nodes.place.hidden = false;
    this.history = new History(this.rule);
    this.#show();
    this.#tell();
    this.preview.ask();
    this.keeping.offerAgain((text) => this.replace(this.#read(text)));
  }

  // Another rule in the place of this one; undo brings it back.
  replace(rule) {
    if (!rule) return;
    this.rule = rule;
    this.#changed();
  }

  #read(text) {
    try {
      const rule = tree.read(JSON.parse(text));
      return rule?.children ? rule : null;
    } catch {
      return null;
    }
  }

  #listen() {
    this.root.querySelector("[data-undo]").addEventListener("click", () => this.#undo());
    this.root.querySelector("[data-redo]").addEventListener("click", () => this.#redo());
    this.root.addEventListener("keydown", (event) => {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z" || !this.history) return;
      // While something is typed it is the browser that undoes.
      if (event.target.matches("input:not([type=checkbox]), textarea")) return;
      event.preventDefault();
      event.shiftKey ? this.#redo() : this.#undo();
    });
    for (const link of document.querySelectorAll("[data-template]")) {
      link.addEventListener("click", (event) => {
        event.preventDefault();
        this.#take(link);
      });
    }
    this.preview.place.addEventListener("click", (event) => {
      const link = event.target.closest("[data-at]");
      const node = link && this.rule && this.nodes.at(link.dataset.at);
      if (!node) return;
      event.preventDefault();
      this.nodes.focus(node.id);
    });
    this.form.addEventListener("keydown", (event) => {
      // Enter in a number would send the form.
      if (event.key === "Enter" && event.target.closest("[data-tree] input")) event.preventDefault();
    });
  }

  #take(link) {
    const template = this.settings.templates[link.dataset.template];
    const { name } = this.form.elements;
    const others = Object.values(this.settings.templates).map((each) => each.name);
    if (!name.value || others.includes(name.value)) name.value = template.name;
    for (const other of document.querySelectorAll("[data-template]")) other.removeAttribute("aria-current");
    link.setAttribute("aria-current", "true");
    this.replace(tree.read(template.rule));
    this.#say("leave");
    // From the name that it has now, with the rule below.
    this.form.scrollIntoView({ block: "start" });
  }

  #act(name, node, value) {
    const acts = {
      add: () => this.picker.pick((type) => this.#add(node, type)),
      block: () => this.#insert(node, tree.branch(node.combine === "any" ? "all" : "any")),
      combine: () => this.#change(node, { combine: value }),
      operator: () => this.#change(node, value),
      config: () => this.#configure(node, value),
      up: () => this.#move(node, -1),
      down: () => this.#move(node, 1),
      copy: () => this.#copy(node),
      remove: () => this.#remove(node),
      left: () => this.#tell(),
    };
    acts[name]();
  }

  #add(node, type) {
    const operator = type.example?.operator ?? type.operators[0].name;
    this.#insert(node, tree.leaf(type.name, operator, begun(type, operator)));
  }

  #insert(node, child) {
    tree.find(this.rule, node.id).node.children.push(child);
    this.#changed();
    this.nodes.focus(child.id);
    this.#say("added", child);
  }

  #change(node, values) {
    Object.assign(tree.find(this.rule, node.id).node, values);
    this.#changed();
  }

  // What is typed into a field; the tree is not shown anew, for that would take the field away.
  #configure(node, { key, value }) {
    const { config } = tree.find(this.rule, node.id).node;
    if (value === undefined) delete config[key];
    else config[key] = value;
    this.#write(`${node.id} ${key}`);
  }

  #move(node, step) {
    if (!tree.move(this.rule, node.id, step, this.settings.max_depth)) return;
    this.#changed();
    this.nodes.focus(node.id, step < 0 ? "up" : "down");
    this.#say("moved", node);
  }

  #copy(node) {
    const { depth } = tree.find(this.rule, node.id);
    if (depth < 2 || tree.leaves(node) + tree.leaves(this.rule) > this.settings.max_leaves) return;
    const copy = tree.duplicate(this.rule, node.id);
    this.#changed();
    this.nodes.focus(copy.id);
    this.#say("copied", copy);
  }

  #remove(node) {
    const { parent, place } = tree.find(this.rule, node.id);
    const title = this.nodes.title(node);
    tree.remove(this.rule, node.id);
    this.#changed();
    // To the neighbour that took its place, or else to the block it was in.
    const next = parent.children[place] ?? parent.children[place - 1];
    if (next) this.nodes.focus(next.id, "remove");
    else this.nodes.focus(parent.id, "add");
    this.told.textContent = word("removed", { title });
  }

  #undo() {
    if (this.history.canUndo) this.#goTo(this.history.undo(), "undone");
  }

  #redo() {
    if (this.history.canRedo) this.#goTo(this.history.redo(), "redone");
  }

  #goTo(rule, name) {
    this.rule = rule;
    this.#show();
    this.#write();
    this.#say(name);
  }

  #changed() {
    this.#show();
    this.#write();
  }

  #show() {
    this.nodes.show(this.rule);
    // An empty rule would be refused.
    this.form.querySelector("button[value=save]").disabled = !tree.leaves(this.rule);
  }

  #write(field = "") {
    this.text.value = JSON.stringify(tree.write(this.rule), null, 2);
    this.history.keep(this.rule, field);
    this.root.querySelector("[data-undo]").disabled = !this.history.canUndo;
    this.root.querySelector("[data-redo]").disabled = !this.history.canRedo;
    this.keeping.keep();
    this.preview.later();
  }

  #tell() {
    if (this.history && !this.preview.isCounting) this.nodes.tell(this.preview.problems, this.preview.counts);
  }

  #say(name, node = null) {
    this.told.textContent = word(name, node ? { title: this.nodes.title(node) } : {});
  }
}

const root = document.querySelector("[data-rule-builder]");
if (root) {
  const builder = new Builder(root, JSON.parse(document.getElementById("rule-settings").textContent));
  root.querySelector("[data-undo]").disabled = root.querySelector("[data-redo]").disabled = true;
  builder.begin();
} else {
  forgetSent();
}
