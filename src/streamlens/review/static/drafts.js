// What was typed and is not saved yet. It outlives a reload and a server that is away.

const PREFIX = "streamlens-draft:";

export const draftKey = (action, item) => `${action}:${item.stream}/${item.finding ?? ""}`;

export function draft(key) {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + key)) ?? null;
  } catch {
    return null;
  }
}

export const drop = (key) => localStorage.removeItem(PREFIX + key);

/** The named fields of a form take up what was typed before, and keep what is typed from now on. */
export function keep(form, key) {
  for (const [field, value] of Object.entries(draft(key) ?? {})) {
    if (form.elements[field]) form.elements[field].value = value;
  }
  form.addEventListener("input", () => {
    localStorage.setItem(PREFIX + key, JSON.stringify(Object.fromEntries(new FormData(form))));
  });
}

/** The actions that have something unsaved for this finding. */
export const unsaved = (item) => ["correct", "dismiss", "verdict"].filter((action) => draft(draftKey(action, item)));
