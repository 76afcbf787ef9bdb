import htmx from "htmx.org";
import { openMessage } from "./drawer";
import { currentRow } from "./list";
import { address } from "./place";
import { locale, say } from "./said";
import { send, sendForPart } from "./send";

// Small dialogs: keys, tag, save, export.

const dialog = (id: string): HTMLDialogElement | null => document.getElementById(id) as HTMLDialogElement | null;
let tagged: string | null = null;

/** The number of the message in use: the row, or what the drawer shows. */
export function messageInUse(): string | null {
  const row = currentRow()?.dataset["number"];
  const shown = document.querySelector<HTMLElement>("#drawer:not([hidden]) [data-detail]")?.dataset["detail"];
  return row ?? shown ?? null;
}

export function openKeys(): void {
  dialog("keys")?.showModal();
}

/** Ask for a tag: for one message, or null for every hit of the search. */
export function openTag(number: string | null): void {
  const box = dialog("tag-dialog");
  const what = box?.querySelector<HTMLElement>("[data-tag-what]");
  if (!box || !what) return;
  tagged = number;
  what.textContent = (number ? what.dataset["one"] : what.dataset["all"]) ?? "";
  box.showModal();
}

export function openExport(): void {
  const job = document.getElementById("export-job");
  if (job) job.textContent = "";
  dialog("export-dialog")?.showModal();
}

function onSubmit(selector: string, work: (fields: FormData, box: HTMLDialogElement) => Promise<void>): void {
  document.querySelector<HTMLFormElement>(selector)?.addEventListener("submit", (event) => {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const box = form.closest("dialog");
    if (!box) return;
    work(new FormData(form), box).catch((error: unknown) => {
      box.close();
      throw error;
    });
  });
}

export function dialogs(): void {
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element)) return;
    if (event.target.closest("[data-keys]")) openKeys();
    if (event.target.closest("[data-tag-all]")) openTag(null);
    if (event.target.closest("[data-export]")) openExport();
    if (event.target.closest("[data-save]")) dialog("save-dialog")?.showModal();
    if (event.target.closest("[data-dismiss]")) event.target.closest("dialog")?.close();
    if (event.target instanceof HTMLDialogElement) event.target.close();
  });
  onSubmit("[data-tag-form]", async (fields, box) => {
    const tag = String(fields.get("tag"));
    if (tagged) {
      await send(`/messages/${encodeURIComponent(tagged)}/tags`, { tag });
      box.close();
      await openMessage(tagged);
      say(`${tag}: ${tagged}`);
    } else {
      const { messages } = await send<{ messages: number }>("/tags", { tag, q: address("q") ?? "" });
      box.close();
      say(`${tag}: ${messages.toLocaleString(locale())}`);
    }
  });
  onSubmit("[data-save-form]", async (fields, box) => {
    const name = String(fields.get("name"));
    await send("/searches", { name, q: address("q") ?? "" });
    box.close();
    say(name);
  });
  onSubmit("[data-export-form]", async (fields) => {
    const slot = document.getElementById("export-job");
    if (!slot) return;
    slot.innerHTML = await sendForPart("/exports", { format: String(fields.get("format")), q: address("q") ?? "" });
    htmx.process(slot);
  });
}
