import htmx from "htmx.org";
import { openMessage } from "./drawer";
import { choose } from "./list";
import { address, setAddress } from "./place";
import { openReader } from "./reader";
import { part } from "./send";

// The search page: hits on the left, the conversation of the chosen hit beside them.

const pane = (): HTMLElement | null => document.getElementById("reader-pane");

/** Open a hit in the reader pane. */
async function openHit(number: string, conversation: string, focus: boolean): Promise<void> {
  const [box, slot] = [pane(), document.getElementById("reader-slot")];
  if (!box || !slot) return;
  if (!conversation) return openMessage(number, true);
  const q = address("q") ?? "";
  setAddress({ at: number });
  const html = await part(`/conversations/${conversation}/reader?${new URLSearchParams({ at: number, q })}`);
  slot.innerHTML = html;
  htmx.process(slot);
  box.hidden = false;
  document.querySelector("[data-panes]")?.classList.add("with-reader");
  const reader = slot.querySelector<HTMLElement>("[data-reader]");
  if (reader) openReader(reader, focus);
  slot.querySelector<HTMLElement>("[data-close-reader]")?.removeAttribute("hidden");
}

/** Close the reader pane; says whether it was open. */
export function closeReader(): boolean {
  const box = pane();
  if (!box || box.hidden) return false;
  box.hidden = true;
  document.querySelector("[data-panes]")?.classList.remove("with-reader");
  setAddress({ at: null });
  document.querySelector<HTMLElement>("#hits .chosen")?.focus();
  return true;
}

export function searchPage(): void {
  const hits = document.getElementById("hits");
  if (!hits) return;
  const open = (row: HTMLElement, focus: boolean): void =>
    void openHit(row.dataset["number"] ?? "", row.dataset["conversation"] ?? "", focus);
  hits.addEventListener("filon:open", (event) => open(event.target as HTMLElement, false));
  hits.addEventListener("filon:enter", (event) => open(event.target as HTMLElement, true));
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element)) return;
    const link = event.target.closest<HTMLElement>("#hits [data-read]");
    if (link && !event.metaKey && !event.ctrlKey) {
      event.preventDefault();
      const row = link.closest<HTMLElement>("[data-row]");
      if (row) {
        choose(row);
        open(row, true);
      }
    }
    if (event.target.closest("[data-close-reader]")) closeReader();
    if (event.target.closest("[data-facets]")) document.querySelector("main")?.classList.toggle("show-facets");
  });
  const { at, atConversation } = hits.dataset;
  if (!at || !atConversation) return;
  const row = hits.querySelector<HTMLElement>(`[data-number="${CSS.escape(at)}"]`);
  if (row) choose(row, false);
  void openHit(at, atConversation, false);
}
