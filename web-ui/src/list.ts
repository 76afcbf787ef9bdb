// Rows that are walked through with j and k, in lists of hits, tables and transcripts alike.

/** The list the keys act on: the one that holds the focus, else the last one that did, else the first. */
let last: HTMLElement | null = null;

export function currentList(): HTMLElement | null {
  const focused = document.activeElement?.closest<HTMLElement>("[data-list]");
  if (focused) last = focused;
  if (last && last.isConnected && last.offsetParent) return last;
  return document.querySelector<HTMLElement>("[data-list]");
}

export function rowsOf(list: HTMLElement): HTMLElement[] {
  return [...list.querySelectorAll<HTMLElement>("[data-row]")];
}

/** The row in use, or null. */
export function currentRow(): HTMLElement | null {
  const focused = document.activeElement?.closest<HTMLElement>("[data-row]");
  return focused ?? currentList()?.querySelector<HTMLElement>("[data-row].chosen") ?? null;
}

export function choose(row: HTMLElement, focus = true): void {
  row.closest("[data-list]")?.querySelectorAll(".chosen").forEach((other) => other.classList.remove("chosen"));
  row.classList.add("chosen");
  if (!focus) return;
  row.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

/** Go to the next (1) or previous (-1) row; says whether there was one. */
export function walk(way: 1 | -1): boolean {
  const list = currentList();
  if (!list) return false;
  const rows = rowsOf(list);
  const at = currentRow();
  const index = at ? rows.indexOf(at) : -1;
  const next = index < 0 ? firstVisible(list, rows) : rows[index + way];
  if (!next) return false;
  choose(next);
  return true;
}

function firstVisible(list: HTMLElement, rows: HTMLElement[]): HTMLElement | undefined {
  const top = Math.max(list.getBoundingClientRect().top, 0);
  return rows.find((row) => row.getBoundingClientRect().bottom > top + 40) ?? rows[0];
}

export function lists(): void {
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element) || event.target.closest("a, button, input, select, summary")) return;
    const row = event.target.closest<HTMLElement>("[data-row]");
    if (!row || getSelection()?.type === "Range") return;
    choose(row);
    const href = row.dataset["href"];
    if (href) location.assign(href);
    else row.dispatchEvent(new CustomEvent("filon:open", { bubbles: true }));
  });
}
