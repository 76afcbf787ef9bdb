import htmx from "htmx.org";
import { address, setAddress } from "./place";
import { part, Refused } from "./send";

// The drawer shows everything about one message, beside what is being read. Its number stands in the address.

const box = (): HTMLElement | null => document.getElementById("drawer");
const body = (): HTMLElement | null => document.getElementById("drawer-body");
let before: Element | null = null;

/** Show a message in the drawer. */
export async function openMessage(number: string, focus = false): Promise<void> {
  const [drawer, into] = [box(), body()];
  if (!drawer || !into) return;
  if (drawer.hidden) before = document.activeElement;
  into.innerHTML = await part(`/messages/${encodeURIComponent(number)}`).catch((error: unknown) => {
    if (error instanceof Refused && error.html) return error.html;
    throw error;
  });
  htmx.process(into);
  showLabels();
  into.scrollTop = 0;
  drawer.hidden = false;
  setAddress({ open: number });
  if (focus) into.focus();
}

/** Close it; says whether it was open. */
export function closeDrawer(): boolean {
  const drawer = box();
  if (!drawer || drawer.hidden) return false;
  drawer.hidden = true;
  setAddress({ open: null });
  if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
  return true;
}

/** Rows of a message that is shown with everything about it bear the tags it has by now. */
function showLabels(): void {
  for (const detail of document.querySelectorAll<HTMLElement>(".detail")) {
    const labels = detail.querySelector<HTMLTemplateElement>("template[data-labels]");
    const rows = `[data-row][data-number="${CSS.escape(detail.dataset["detail"] ?? "")}"] .line-marks`;
    for (const marks of document.querySelectorAll(rows)) {
      marks.querySelectorAll(".tag").forEach((tag) => tag.remove());
      if (labels) marks.append(labels.content.cloneNode(true));
    }
  }
}

export function drawer(): void {
  document.addEventListener("htmx:after:swap", showLabels);
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element) || event.metaKey || event.ctrlKey || event.shiftKey) return;
    const link = event.target.closest<HTMLElement>("[data-open]");
    if (link) {
      event.preventDefault();
      void openMessage(link.dataset["open"] ?? "", true);
    }
    if (event.target.closest("[data-close]")) closeDrawer();
    const copy = event.target.closest<HTMLElement>("[data-copy]");
    if (copy) void navigator.clipboard.writeText(copy.dataset["copy"] ?? "");
  });
  const open = address("open");
  if (open) void openMessage(open);
}
