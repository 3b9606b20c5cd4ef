// The tree of a rule while it is built: nodes keep an id through all changes, and JSON is written from them.

let last = 0;
const id = () => `n${(last += 1)}`;

export const COMBINES = ["all", "any", "none"];

// A node of JSON as one with an id; null for what is no node.
export function read(data) {
  if (!data || typeof data !== "object" || Array.isArray(data)) return null;
  if ("criterion" in data) {
    const { criterion, operator, config = {}, ...others } = data;
    return { id: id(), criterion, operator, config, others };
  }
  const [combine, ...more] = Object.keys(data);
  if (more.length || !COMBINES.includes(combine) || !Array.isArray(data[combine])) return null;
  const children = data[combine].map(read);
  return children.includes(null) ? null : { id: id(), combine, children };
}

// The other way round.
export function write(node) {
  if (node.children) return { [node.combine]: node.children.map(write) };
  return { criterion: node.criterion, operator: node.operator, config: node.config, ...node.others };
}

export const branch = (combine = "any", children = []) => ({ id: id(), combine, children });
export const leaf = (criterion, operator, config) => ({ id: id(), criterion, operator, config, others: {} });

// Every node with its parent, its place, its depth (the root is 1) and its JSON pointer, the root first.
export function* walk(node, parent = null, place = 0, depth = 1, path = "") {
  yield { node, parent, place, depth, path };
  for (const [number, child] of (node.children ?? []).entries()) {
    yield* walk(child, node, number, depth + 1, `${path}/${node.combine}/${number}`);
  }
}

export function find(root, wanted) {
  for (const found of walk(root)) if (found.node.id === wanted) return found;
  return null;
}

export const leaves = (root) => [...walk(root)].filter(({ node }) => !node.children).length;
const height = (node) => 1 + Math.max(0, ...(node.children ?? []).map(height));

// A copy with ids of its own.
export function copied(node) {
  return node.children
    ? { ...node, id: id(), children: node.children.map(copied) }
    : { ...structuredClone(node), id: id() };
}

export function remove(root, wanted) {
  const { parent, place } = find(root, wanted);
  parent.children.splice(place, 1);
}

export function duplicate(root, wanted) {
  const { node, parent, place } = find(root, wanted);
  const copy = copied(node);
  parent.children.splice(place + 1, 0, copy);
  return copy;
}

// One step up or down in the order in which one reads: past a neighbour, into a block, or out of one.
// Returns whether there was somewhere to go.
export function move(root, wanted, step, maxDepth) {
  const { node, parent, place, depth } = find(root, wanted);
  const neighbour = parent.children[place + step];
  if (neighbour?.children && depth + height(node) <= maxDepth) {
    parent.children.splice(place, 1);
    neighbour.children.splice(step < 0 ? neighbour.children.length : 0, 0, node);
    return true;
  }
  if (neighbour) {
    parent.children.splice(place, 1);
    parent.children.splice(place + step, 0, node);
    return true;
  }
  if (parent.id === root.id) return false;
  const outer = find(root, parent.id);
  parent.children.splice(place, 1);
  outer.parent.children.splice(outer.place + (step < 0 ? 0 : 1), 0, node);
  return true;
}
