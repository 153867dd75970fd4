// The server. Every answer is its JSON; what fails is either Refused (the server says why) or Unreachable.

import { emit } from "./state.js";

const PATIENCE_MS = 15000;

export class Unreachable extends Error {}

export class Refused extends Error {
  constructor(status, body) {
    super(body?.error ?? `HTTP ${status}`);
    this.status = status;
    this.body = body;
  }
}

export const get = (path) => ask(path, {});

export const post = (path, body) =>
  ask(path, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Streamlens": "1" },
    body: JSON.stringify(body),
  });

async function ask(path, options) {
  let answer;
  let body = null;
  try {
    answer = await fetch(path, { ...options, credentials: "same-origin", signal: AbortSignal.timeout(PATIENCE_MS) });
    body = await answer.json();
  } catch (error) {
    if (!answer || answer.ok) {
      emit("online", false);
      throw new Unreachable(String(error));
    }
  }
  if (answer.status >= 502 && answer.status <= 504) {
    emit("online", false);
    throw new Unreachable(`HTTP ${answer.status}`);
  }
  emit("online", true);
  if (!answer.ok) throw new Refused(answer.status, body);
  return body;
}

export const path = (...parts) => "/" + parts.map(encodeURIComponent).join("/");
