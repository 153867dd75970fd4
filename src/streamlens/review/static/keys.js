// The keyboard: one table, from which the help is made as well.

import { isOpen } from "./dialogs.js";

/** [keys, shown, code of the text, action]. Letters count on any layout and in either case. */
export function listen(table) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isOpen()) return;
    const target = event.target;
    if (target.matches("input[type=search]") && (event.key === "Escape" || event.key === "Enter")) {
      event.preventDefault();
      document.getElementById("queue").focus();
      return;
    }
    if (target.matches("textarea, select, input:not([type=checkbox])")) return;
    if (target.matches("button, summary, input, a") && (event.key === "Enter" || event.key === " ")) return;
    const pressed = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const entry = table.find(([keys]) => keys.includes(pressed));
    if (!entry || (event.repeat && !entry[4])) return;
    event.preventDefault();
    entry[3]();
  });
}
