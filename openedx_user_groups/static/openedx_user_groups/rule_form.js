// The form of a criterion, made of the JSON Schema of its operator.

import { Suggestions, valuesField } from "./rule_values.js";
import { word } from "./rule_words.js";

const NUMBERS = ["number", "integer"];

// How a part of a schema is asked for.
function kind(schema, key) {
  const item = schema.items ?? {};
  if (Array.isArray(schema.enum)) return "choice";
  if (NUMBERS.includes(schema.type)) return "number";
  if (schema.type === "boolean") return "switch";
  if (schema.type === "string") return schema.format === "date" || key === "date" ? "date" : key === "seed" ? "seed" : "text";
  if (schema.type !== "array") return "json";
  if (NUMBERS.includes(item.type) && schema.minItems === 2 && schema.maxItems === 2) return "interval";
  if (Array.isArray(item.enum)) return "choices";
  return item.type === "string" ? "values" : "json";
}

const BEGINNINGS = {
  choice: (schema) => schema.enum[0],
  number: (schema) => schema.minimum ?? 0,
  switch: () => false,
  date: () => new Date().toISOString().slice(0, 10),
  text: () => "",
  // Shares of rules that begin with different words are drawn independently.
  seed: () => Array.from({ length: 8 }, () => String.fromCharCode(97 + Math.floor(Math.random() * 26))).join(""),
  interval: ({ items }) => [items.minimum ?? 0, items.maximum ?? 100],
  choices: () => [],
  values: () => [],
  json: () => null,
};

// The config to begin with: of numbers and choices the example's, or what fits of the one before.
export function begun(type, operator, before = {}) {
  const { schema } = type.operators.find((each) => each.name === operator);
  const required = schema.required ?? [];
  const entries = Object.entries(schema.properties ?? {}).filter(([key]) => required.includes(key) || key in before);
  return Object.fromEntries(entries.map(([key, part]) => [key, beginning(type, key, part, before[key])]));
}

function beginning(type, key, schema, before) {
  const how = kind(schema, key);
  const example = type.example?.config?.[key];
  if (how === "interval") return pair(before) ? before : typeof before === "number" ? [before, schema.items.maximum ?? before] : pair(example) ? example : BEGINNINGS.interval(schema);
  if (how === "number") return typeof before === "number" ? before : pair(before) ? before[0] : typeof example === "number" ? example : BEGINNINGS.number(schema);
  if (["choices", "values"].includes(how)) return Array.isArray(before) ? before : [];
  if (before !== undefined) return before;
  return how === "choice" && schema.enum.includes(example) ? example : BEGINNINGS[how](schema);
}

const pair = (value) => Array.isArray(value) && value.length === 2 && value.every((each) => typeof each === "number");

// The fields of a leaf; `changed(key, value)` is called with each new value, undefined for what is left out.
export function fields({ type, leaf, settings, changed }) {
  const operator = type.operators.find((each) => each.name === leaf.operator);
  return Object.entries(operator?.schema.properties ?? {}).map(([key, schema]) => {
    const field = FIELDS[kind(schema, key)]({
      key,
      schema,
      label: operator.labels[key] ?? key,
      value: leaf.config[key],
      settings,
      suggestions: type.suggests.includes(key) ? new Suggestions(settings.suggestions, type.name, key) : null,
      isOptional: !(operator.schema.required ?? []).includes(key),
      changed: (value) => changed(key, value),
    });
    field.dataset.key = key;
    if (operator.hints[key]) field.append(hint(operator.hints[key]));
    return field;
  });
}

function hint(text) {
  const element = document.createElement("small");
  element.className = "hint";
  element.textContent = text;
  return element;
}

function labelled(label, control) {
  const field = document.createElement("label");
  field.className = "leaf-field";
  const text = document.createElement("span");
  text.textContent = label;
  field.append(text, control);
  return field;
}

function input(type, value, listen, attributes = {}) {
  const control = document.createElement("input");
  control.type = type;
  control.value = value ?? "";
  control.autocomplete = "off";
  for (const [name, given] of Object.entries(attributes)) if (given !== undefined) control.setAttribute(name, given);
  control.addEventListener("input", () => listen(control.value));
  return control;
}

const number = (text) => (text.trim() === "" ? null : Number(text));
const limits = ({ type, minimum, maximum }) => ({ min: minimum, max: maximum, step: type === "integer" ? 1 : "any" });

function dateField({ label, value, changed }) {
  // An instant with a time is typed; a plain date is picked.
  const isPlain = !value || /^\d{4}-\d\d-\d\d$/.test(value);
  return labelled(label, input(isPlain ? "date" : "text", value, changed));
}

function intervalField({ label, schema, value, changed }) {
  const both = pair(value) ? [...value] : [null, null];
  const group = document.createElement("span");
  group.className = "interval";
  ["from", "to"].forEach((name, place) => {
    const listen = (text) => {
      both[place] = number(text);
      changed([...both]);
    };
    group.append(labelled(word(name, { label }), input("number", both[place], listen, limits(schema.items))));
  });
  return group;
}

function choiceField({ label, schema, value, settings, changed }) {
  const control = document.createElement("select");
  control.append(...schema.enum.map((each) => new Option(settings.values[each] ?? each, each, false, each === value)));
  control.addEventListener("change", () => changed(schema.enum[control.selectedIndex]));
  return labelled(label, control);
}

function switchField({ label, value, changed }) {
  const control = input("checkbox", "", () => {});
  control.checked = value === true;
  control.addEventListener("change", () => changed(control.checked));
  return labelled(label, control);
}

function choicesField({ label, schema, value, settings, changed }) {
  const field = document.createElement("fieldset");
  const legend = document.createElement("legend");
  legend.textContent = label;
  field.append(legend);
  const chosen = new Set(Array.isArray(value) ? value : []);
  for (const each of schema.items.enum) {
    const box = input("checkbox", each, () => {});
    box.checked = chosen.has(each);
    box.addEventListener("change", () => {
      box.checked ? chosen.add(each) : chosen.delete(each);
      changed(schema.items.enum.filter((one) => chosen.has(one)));
    });
    field.append(labelled(settings.values[each] ?? each, box));
  }
  return field;
}

function listField({ label, value, suggestions, isOptional, changed }) {
  // What may be left out is left out when nothing is chosen.
  const listen = (list) => changed(isOptional && !list.length ? undefined : list);
  return valuesField({ label, values: Array.isArray(value) ? value : [], suggestions, changed: listen });
}

function jsonField({ label, value, changed }) {
  const control = document.createElement("textarea");
  control.value = value === undefined ? "" : JSON.stringify(value);
  control.addEventListener("input", () => {
    try {
      changed(JSON.parse(control.value));
    } catch {
      changed(control.value);
    }
  });
  return labelled(label, control);
}

function textField({ label, schema, value, suggestions, changed }) {
  const control = input("text", value, changed, { maxlength: schema.maxLength });
  const field = labelled(label, control);
  if (suggestions) offerTexts(field, control, suggestions);
  return field;
}

function offerTexts(field, control, suggestions) {
  const options = document.createElement("datalist");
  options.id = `offered-${Math.random().toString(36).slice(2)}`;
  control.setAttribute("list", options.id);
  const chosen = hint("");
  chosen.classList.add("chosen-title");
  field.append(options, chosen);
  // Of what is chosen by its name the field itself shows the key.
  const name = () => {
    const title = suggestions.title(control.value);
    chosen.textContent = title === control.value ? "" : title;
  };
  const offer = async () => {
    const found = await suggestions.find(control.value.trim());
    options.replaceChildren(...found.map(({ value, title }) => new Option(title, value)));
    name();
  };
  let timer;
  if (control.value) suggestions.find(control.value).then(name);
  control.addEventListener("focus", offer);
  control.addEventListener("input", () => {
    name();
    clearTimeout(timer);
    timer = setTimeout(offer, 250);
  });
}

const FIELDS = {
  choice: choiceField,
  number: ({ label, schema, value, changed }) =>
    labelled(label, input("number", value, (text) => changed(number(text)), limits(schema))),
  switch: switchField,
  date: dateField,
  text: textField,
  seed: textField,
  interval: intervalField,
  choices: choicesField,
  values: listField,
  json: jsonField,
};
