import { address, setAddress } from "./place";

// Zone, language and theme: a form that sends itself; the list of zones comes from the browser. An address in which
// dates are read says in which zone, so that it means the same to whoever gets it.

const CHOOSERS = "[data-now], [data-saved]";
/** Milliseconds in which a change follows the key that stepped to the next choice; in an open list there is no such key. */
const AT_ONCE = 100;
/** A list of choices that is being walked through with the keys, each step of which is a change. */
let walked: HTMLSelectElement | null = null;
let stepped = -Infinity;

/** Parts of an address whose meaning depends on the zone. */
const DATED = ["q", "time", "within"];

export function preferences(): void {
  if (DATED.some(address) && !address("zone")) setAddress({ zone: document.documentElement.dataset["shownZone"] ?? null });
  document.addEventListener("keydown", (event) => {
    const field = event.target as HTMLElement;
    if (!field.matches(CHOOSERS)) return;
    if (event.key === "Enter" && walked === field) {
      event.preventDefault();
      settle();
    } else if (!["Tab", "Enter", " ", "Escape", "Shift"].includes(event.key)) stepped = performance.now();
  });
  document.addEventListener("focusout", (event) => event.target === walked && leave(event.target as HTMLSelectElement));
  document.addEventListener("change", (event) => {
    const field = event.target as HTMLElement;
    if (!field.matches(CHOOSERS)) return;
    if (performance.now() - stepped < AT_ONCE) walked = field as HTMLSelectElement;
    else take(field as HTMLSelectElement);
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

/** Going on is choosing, but where a button sends the form. */
function leave(field: HTMLSelectElement): void {
  if (field.form?.querySelector("button:not([type='button'])")) walked = null;
  else settle();
}

/** Whoever walks with the keys has chosen when they press Enter. */
function settle(): void {
  const field = walked;
  walked = null;
  if (field && !field.selectedOptions[0]?.defaultSelected) take(field);
}

function take(field: HTMLSelectElement): void {
  if (field.matches("[data-now]")) field.form?.requestSubmit();
  else if (field.value.startsWith("/search?")) location.assign(field.value);
}

/** What was opened after the page came (a message, a hit) must survive the change. */
function carryAddress(form: HTMLFormElement): void {
  const own = new Set(["zone", "my-zone", "language", "theme", "letters"]);
  form.querySelectorAll('input[type="hidden"]:not([name="zone"], [name="my-zone"])').forEach((field) => field.remove());
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
