// Zone, language and theme: a form that sends itself; the list of zones comes from the browser.

export function preferences(): void {
  document.addEventListener("change", (event) => {
    const field = event.target as HTMLElement;
    if (field.matches("[data-now]")) (field as HTMLSelectElement).form?.requestSubmit();
    if (field.matches("[data-saved]")) {
      const { value } = field as HTMLSelectElement;
      if (value.startsWith("/search?")) location.assign(value);
    }
  });
  document.querySelectorAll<HTMLFormElement>("[data-prefer]").forEach((form) => {
    form.addEventListener("submit", () => carryAddress(form));
    const zone = form.querySelector<HTMLInputElement>("[data-zone]");
    zone?.addEventListener("focus", () => {
      fillZones();
      zone.select();
    });
    zone?.addEventListener("change", () => form.requestSubmit());
  });
  if (document.querySelector('[data-draft] [list="zones"]')) fillZones();
}

/** What was opened after the page came (a message, a hit) must survive the change. */
function carryAddress(form: HTMLFormElement): void {
  const own = new Set(["zone", "language", "theme"]);
  form.querySelectorAll('input[type="hidden"]').forEach((field) => field.remove());
  for (const [name, value] of new URL(location.href).searchParams) {
    if (own.has(name)) continue;
    const field = Object.assign(document.createElement("input"), { type: "hidden", name, value });
    form.prepend(field);
  }
}

function fillZones(): void {
  const list = document.getElementById("zones");
  if (!list || list.childElementCount) return;
  for (const name of ["UTC", ...Intl.supportedValuesOf("timeZone")]) {
    list.append(Object.assign(document.createElement("option"), { value: name }));
  }
}
