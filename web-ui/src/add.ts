import { ask, send, upload } from "./send";

// Adding evidence: files are sent one after the other into a draft, or paths are typed; then the draft is shown.

export function addPage(): void {
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-discard]") : null;
    if (button) void ask(`/add/${button.dataset["discard"]}`, { method: "DELETE" }).then(() => location.assign("/add"));
  });
  document.addEventListener("submit", (event) => {
    if ((event.target as HTMLElement).matches("[data-draft]")) event.preventDefault();
  });
  const page = document.querySelector<HTMLElement>("[data-add]");
  if (!page) return;
  const files = page.querySelector<HTMLInputElement>("[data-files]");
  const drop = page.querySelector<HTMLElement>("[data-drop]");
  files?.addEventListener("change", () => void sendFiles(page, [...(files.files ?? [])]));
  for (const kind of ["dragover", "dragleave", "drop"]) {
    drop?.addEventListener(kind, (event) => {
      event.preventDefault();
      drop.classList.toggle("over", kind === "dragover");
      const dropped = (event as DragEvent).dataTransfer?.files;
      if (kind === "drop" && dropped?.length) void sendFiles(page, [...dropped]);
    });
  }
  page.querySelector<HTMLFormElement>("[data-paths]")?.addEventListener("submit", (event) => {
    event.preventDefault();
    const paths = String(new FormData(event.target as HTMLFormElement).get("paths"));
    void send<{ key: string }>("/add", { paths }).then(({ key }) => location.assign(`/add/${key}`));
  });
}

async function sendFiles(page: HTMLElement, files: File[]): Promise<void> {
  if (!files.length) return;
  const bar = page.querySelector<HTMLProgressElement>("[data-sending]");
  const words = page.querySelector<HTMLElement>("[data-sending-words]");
  const total = files.reduce((sum, file) => sum + file.size, 0) || 1;
  const { key } = await send<{ key: string }>("/add", { paths: "" });
  let sent = 0;
  if (bar) bar.hidden = false;
  for (const file of files) {
    await upload(`/add/${key}/files?${new URLSearchParams({ name: file.name })}`, file, (part) => {
      const done = (sent + part * file.size) / total;
      if (bar) bar.value = done;
      const template = page.dataset["wordsSending"] ?? "{name} {percent}%";
      if (words) words.textContent = template.replace("{name}", file.name).replace("{percent}", String(Math.round(done * 100)));
    });
    sent += file.size;
  }
  location.assign(`/add/${key}`);
}
