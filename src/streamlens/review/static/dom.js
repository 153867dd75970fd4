// Elements from data. Whatever comes from outside becomes text here, never markup.

export const one = (query, root = document) => root.querySelector(query);

/** An element with attributes (`class`, `onclick`, `data-x`, ...) and children: elements, texts, or nothing. */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : String(value));
  }
  element.append(...children.flat(2).filter((child) => child !== null && child !== undefined && child !== false && child !== ""));
  return element;
}

/** Text with the first of `parts` that occurs in it marked. */
export function marked(text, parts) {
  for (const part of parts) {
    const at = part ? text.indexOf(part) : -1;
    if (at >= 0) return [text.slice(0, at), el("mark", {}, part), text.slice(at + part.length)];
  }
  return [text];
}
