import { messageInUse, openExport, openKeys, openTag } from "./dialogs";
import { closeDrawer, openMessage } from "./drawer";
import { currentRow, walk } from "./list";
import { hush } from "./said";
import { closeReader } from "./search";

// Everything by keyboard. Keys act outside of fields, and only without a modifier.

const GO: Record<string, string> = { o: "/", s: "/search", c: "/conversations", a: "/accounts", i: "/items", d: "/desk" };
let going = 0;

function enter(): void {
  const row = currentRow();
  if (!row) return;
  const href = row.dataset["href"];
  if (href) location.assign(href);
  else if (row.classList.contains("hit")) row.dispatchEvent(new CustomEvent("filon:enter", { bubbles: true }));
  else if (row.dataset["number"]) void openMessage(row.dataset["number"], true);
}

function search(): void {
  const box = document.querySelector<HTMLInputElement>("#q");
  if (!box) return location.assign("/search");
  box.focus();
  box.select();
}

function about(): void {
  const number = messageInUse();
  if (number) void openMessage(number, true);
}

function tag(): void {
  const number = messageInUse();
  if (number) openTag(number);
}

const KEYS: Record<string, () => void> = {
  j: () => walk(1),
  k: () => walk(-1),
  Enter: enter,
  i: about,
  t: tag,
  e: () => document.querySelector("[data-export]") && openExport(),
  "/": search,
  "?": openKeys,
  g: () => (going = Date.now()),
  Escape: () => hush() || closeDrawer() || closeReader(),
};

/** Whether a key is a letter or a sign and those were switched off: who speaks their keys would set them off. */
export function silent(event: KeyboardEvent): boolean {
  return document.documentElement.dataset["letters"] === "off" && event.key.length === 1;
}

export function keys(): void {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || silent(event)) return;
    const target = event.target as HTMLElement;
    if (document.querySelector("dialog[open]")) return;
    if (target.matches("input, textarea, select, [contenteditable]")) {
      if (event.key === "Escape") target.blur();
      return;
    }
    if (event.key === "Enter" && target.closest("a, button, summary, [role=separator]")) return;
    const path = Date.now() - going < 1200 ? GO[event.key] : undefined;
    if (path) {
      event.preventDefault();
      return location.assign(path);
    }
    const act = KEYS[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
  const main = document.getElementById("main");
  if (document.activeElement === document.body) main?.focus({ preventScroll: true });
}
