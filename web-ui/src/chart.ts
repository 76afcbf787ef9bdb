// A chart as a file: the two drawings of it side by side, with the styles they are shown in written into them.

const NS = "http://www.w3.org/2000/svg";
const STYLES = ["fill", "stroke", "stroke-width", "font-family", "font-size", "text-anchor"] as const;

/** One bar is in the order of Tab; the arrow keys go to the others. */
function walkBars(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || !(event.target instanceof Element)) return;
  const bar = event.target.closest<SVGAElement>(".plot a[tabindex]");
  const bars = [...(bar?.closest("svg")?.querySelectorAll<SVGAElement>("a[tabindex]") ?? [])];
  if (!bar) return;
  const at = bars.indexOf(bar);
  const places: Record<string, number> = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: bars.length - 1 };
  const place = places[event.key];
  if (place === undefined) return;
  event.preventDefault();
  const next = bars[place];
  if (!next) return;
  bar.setAttribute("tabindex", "-1");
  next.setAttribute("tabindex", "0");
  next.focus();
}

export function charts(): void {
  document.addEventListener("keydown", walkBars);
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element) || !event.target.closest("[data-save-chart]")) return;
    const box = event.target.closest<HTMLElement>("[data-chart]");
    if (box) save(box);
  });
}

function save(box: HTMLElement): void {
  const whole = document.createElementNS(NS, "svg");
  let x = 0;
  let height = 0;
  for (const drawing of box.querySelectorAll<SVGSVGElement>(".chart > svg")) {
    const size = drawing.getBoundingClientRect();
    const copy = drawing.cloneNode(true) as SVGSVGElement;
    const shown = [...drawing.querySelectorAll<SVGElement>("rect, line, text")];
    [...copy.querySelectorAll<SVGElement>("rect, line, text")].forEach((shape, index) => {
      const original = shown[index];
      if (!original) return;
      const styles = getComputedStyle(original);
      for (const name of STYLES) shape.setAttribute(name, styles.getPropertyValue(name));
    });
    copy.setAttribute("x", String(x));
    copy.setAttribute("width", String(size.width));
    whole.append(copy);
    x += size.width;
    height = Math.max(height, size.height);
  }
  whole.setAttribute("xmlns", NS);
  whole.setAttribute("width", String(x));
  whole.setAttribute("height", String(height));
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([new XMLSerializer().serializeToString(whole)], { type: "image/svg+xml" }));
  link.download = "activity.svg";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
