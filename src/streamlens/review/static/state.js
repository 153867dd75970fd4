// What the page knows, and who wants to hear of changes. Items are objects of the queue, changed in place.

export const state = {
  me: "",
  last: 0, // the newest decision that polling has seen
  items: [],
  counts: { open: 0, decided: 0, disputed: 0, moved: 0 },
  at: -1, // the index of the selected item
  detail: null, // the selected item with law, papers, history
  stream: null, // the recording of the selected item: parts, utterances, products
  streams: [],
  filters: { state: "open", verdict: "", kind: "", product: "", stream: "", q: "" },
};

const listeners = new Map();

/** Events: `items` (another list), `item` (one changed), `select`, `detail`, `stream`, `time` (ms), `online` (bool). */
export function on(event, listener) {
  listeners.set(event, [...(listeners.get(event) ?? []), listener]);
}

export function emit(event, value) {
  for (const listener of listeners.get(event) ?? []) listener(value);
}

export const key = (item) => `${item.stream}\n${item.finding}`;
export const selected = () => state.items[state.at] ?? null;
export const find = (wanted) => state.items.findIndex((item) => key(item) === wanted);
export const products = () => new Map((state.stream?.products ?? []).map((product) => [product.sku, product.name]));
