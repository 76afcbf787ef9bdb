// The strip beside a conversation: its scrollbar over all messages, however many, with hits and tags along it.
// A real scrollbar cannot do this: an element of a million messages is taller than browsers can lay out.

export interface StripEvents {
  /** Go to a place; ``final`` when the hand lets go. */
  go: (place: number, final: boolean) => void;
  /** The words for a place, for the bubble and for screen readers. */
  words: (place: number) => string;
}

const LEAST_THUMB = 24;

export class Strip {
  private readonly thumb: HTMLElement;
  private readonly canvas: HTMLCanvasElement;
  private readonly bubble: HTMLElement;
  private place = 0;
  private shown = 1;
  private marks: { bins: number[]; color: string; column: 0 | 1 }[] = [];

  constructor(
    private readonly box: HTMLElement,
    private readonly total: number,
    private readonly events: StripEvents,
  ) {
    this.thumb = box.querySelector<HTMLElement>(".thumb") as HTMLElement;
    this.canvas = box.querySelector("canvas") as HTMLCanvasElement;
    this.bubble = document.createElement("div");
    this.bubble.className = "bubble";
    this.bubble.hidden = true;
    box.append(this.bubble);
    box.addEventListener("pointerdown", (event) => this.drag(event));
    box.addEventListener("keydown", (event) => this.key(event));
    new ResizeObserver(() => this.draw()).observe(box);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
  }

  /** Show that the messages from ``place`` on, ``shown`` of them, are in view. */
  move(place: number, shown: number): void {
    this.place = place;
    this.shown = Math.max(shown, 1);
    const height = this.box.clientHeight;
    const thumb = Math.max((Math.min(this.shown / this.total, 1)) * height, LEAST_THUMB);
    const last = Math.max(this.total - this.shown, 1);
    const top = Math.min(place / last, 1) * (height - thumb);
    this.thumb.style.height = `${thumb}px`;
    this.thumb.style.translate = `0 ${top}px`;
    this.box.setAttribute("aria-valuenow", String(place + 1));
    this.box.setAttribute("aria-valuetext", this.events.words(place));
  }

  /** Draw how many hits fall into equal stretches of the conversation, in the left (0) or right (1) column. */
  mark(bins: number[], color: string, column: 0 | 1): void {
    this.marks = [...this.marks.filter((mark) => mark.column !== column), { bins, color, column }];
    this.draw();
  }

  private draw(): void {
    const { clientWidth: width, clientHeight: height } = this.box;
    const scale = devicePixelRatio;
    this.canvas.width = width * scale;
    this.canvas.height = height * scale;
    const pen = this.canvas.getContext("2d");
    if (!pen) return;
    pen.scale(scale, scale);
    for (const { bins, color, column } of this.marks) {
      const most = Math.max(...bins, 1);
      pen.fillStyle = getComputedStyle(this.box).getPropertyValue(color) || "#888";
      bins.forEach((count, index) => {
        if (!count) return;
        pen.globalAlpha = 0.45 + 0.55 * (count / most);
        const y = (index / bins.length) * height;
        pen.fillRect(column ? width / 2 + 1 : 2, y, width / 2 - 3, Math.max(height / bins.length, 2));
      });
    }
    pen.globalAlpha = 1;
    this.move(this.place, this.shown);
  }

  private placeAt(event: PointerEvent, grip: number): number {
    const box = this.box.getBoundingClientRect();
    const thumb = this.thumb.getBoundingClientRect().height;
    const part = (event.clientY - box.top - grip) / Math.max(box.height - thumb, 1);
    return Math.round(Math.min(Math.max(part, 0), 1) * Math.max(this.total - 1, 0));
  }

  private drag(down: PointerEvent): void {
    if (down.button !== 0) return;
    down.preventDefault();
    this.box.focus({ preventScroll: true });
    this.box.setPointerCapture(down.pointerId);
    const thumb = this.thumb.getBoundingClientRect();
    const onThumb = down.clientY >= thumb.top && down.clientY <= thumb.bottom;
    const grip = onThumb ? down.clientY - thumb.top : thumb.height / 2;
    const go = (event: PointerEvent, final: boolean): void => {
      const place = this.placeAt(event, grip);
      this.move(place, this.shown);
      this.bubble.hidden = final;
      this.bubble.textContent = this.events.words(place);
      this.bubble.style.top = `${event.clientY - this.box.getBoundingClientRect().top}px`;
      this.events.go(place, final);
    };
    const move = (event: PointerEvent): void => go(event, false);
    const up = (event: PointerEvent): void => {
      this.box.removeEventListener("pointermove", move);
      go(event, true);
    };
    if (!onThumb) go(down, false);
    this.box.addEventListener("pointermove", move);
    this.box.addEventListener("pointerup", up, { once: true });
  }

  private key(event: KeyboardEvent): void {
    const step = Math.max(Math.round(this.total / 100), 1);
    const to: Record<string, number> = {
      ArrowUp: this.place - 1,
      ArrowDown: this.place + 1,
      PageUp: this.place - step,
      PageDown: this.place + step,
      Home: 0,
      End: this.total - 1,
    };
    const place = to[event.key];
    if (place === undefined) return;
    event.preventDefault();
    this.events.go(Math.min(Math.max(place, 0), this.total - 1), true);
  }
}
