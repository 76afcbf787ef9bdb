// Widths of panes, moved by mouse, finger or arrow keys, and kept for the next time.

const KEPT = "filon-width:";
const STEP = 24;

interface Pane {
  property: string;
  box: string;
  least: number;
  most: number;
  /** +1 where the pane grows to the right, -1 where to the left. */
  sign: 1 | -1;
}

const PANES: Record<string, Pane> = {
  drawer: { property: "--drawer-width", box: "#drawer", least: 280, most: 900, sign: -1 },
  hits: { property: "--hits-width", box: "#hits", least: 280, most: 1200, sign: 1 },
};

export function panes(): void {
  for (const [name, pane] of Object.entries(PANES)) {
    const kept = Number(localStorage.getItem(KEPT + name));
    if (kept) apply(pane, kept);
  }
  document.querySelectorAll<HTMLElement>("[data-split]").forEach(prepare);
}

function apply(pane: Pane, width: number): number {
  const clamped = Math.round(Math.min(pane.most, Math.max(pane.least, width)));
  document.documentElement.style.setProperty(pane.property, `${clamped}px`);
  return clamped;
}

function prepare(handle: HTMLElement): void {
  const name = handle.dataset["split"] ?? "";
  const pane = PANES[name];
  if (!pane) return;
  const width = (): number => document.querySelector<HTMLElement>(pane.box)?.getBoundingClientRect().width ?? pane.least;
  const set = (value: number): void => {
    const now = apply(pane, value);
    handle.setAttribute("aria-valuenow", String(now));
    localStorage.setItem(KEPT + name, String(now));
  };
  handle.addEventListener("pointerdown", (down) => {
    const began = width();
    handle.setPointerCapture(down.pointerId);
    handle.classList.add("dragging");
    const move = (event: PointerEvent): void => set(began + pane.sign * (event.clientX - down.clientX));
    const up = (): void => {
      handle.classList.remove("dragging");
      handle.removeEventListener("pointermove", move);
    };
    handle.addEventListener("pointermove", move);
    handle.addEventListener("pointerup", up, { once: true });
    handle.addEventListener("pointercancel", up, { once: true });
  });
  handle.addEventListener("keydown", (event) => {
    const way = event.key === "ArrowLeft" ? -1 : event.key === "ArrowRight" ? 1 : 0;
    if (!way) return;
    event.preventDefault();
    set(width() + pane.sign * way * STEP);
  });
}
