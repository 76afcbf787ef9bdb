// A part that is replaced takes the focus with it: whoever works by keyboard must not begin at the top again.

interface Swap {
  ctx: { target?: Element | null };
}

/** What may take the focus where the control that had it is gone. */
const FIRST = ".plot a[tabindex='0'], button, input, select, textarea, a[href]";
const ASKS = ["hx-post", "hx-delete", "hx-get", "name"];

let lost: { id: string; parent: Element | null; control: string } | null = null;

export function keepFocus(): void {
  document.addEventListener("htmx:before:swap", (event) => {
    const { target } = (event as CustomEvent<Swap>).detail.ctx;
    const active = document.activeElement;
    lost = null;
    if (!target || !active || active === document.body || !target.contains(active)) return;
    const name = ASKS.find((each) => active.hasAttribute(each));
    const control = name ? `[${name}="${CSS.escape(active.getAttribute(name) ?? "")}"]` : "";
    lost = { id: target.id, parent: target.parentElement, control };
  });
  document.addEventListener("htmx:after:swap", () => {
    const was = lost;
    lost = null;
    if (!was || (document.activeElement && document.activeElement !== document.body)) return;
    const part = was.id ? document.getElementById(was.id) : was.parent;
    const found = (was.control && part?.querySelector<HTMLElement>(was.control)) || part?.querySelector<HTMLElement>(FIRST);
    found?.focus({ preventScroll: true });
  });
}
