import { part } from "./send";

// A window on a long conversation: a few chunks of real elements that scroll natively. Chunks are added ahead of
// either edge and taken away far behind, with the position corrected, so that nothing on screen moves.

const CHUNK = 60;
const AHEAD = 1.5;
const KEEP = 6;

interface Chunk {
  offset: number;
  count: number;
  element: HTMLElement;
}

export class Window {
  private chunks: Chunk[] = [];
  private busy = false;
  private generation = 0;
  private waiting: AbortController | null = null;

  constructor(
    readonly box: HTMLElement,
    private readonly conversation: string,
    readonly total: number,
    private readonly added: (element: HTMLElement) => void,
  ) {}

  get from(): number {
    return this.chunks[0]?.offset ?? 0;
  }

  get to(): number {
    const last = this.chunks.at(-1);
    return last ? last.offset + last.count : 0;
  }

  row(place: number): HTMLElement | null {
    return this.box.querySelector<HTMLElement>(`article[data-place="${place}"]`);
  }

  /** Bring a place into view: ``part`` of the height from the top. Loads around it where it is not at hand. */
  async show(place: number, part: number): Promise<HTMLElement | null> {
    if (place < this.from || place >= this.to) {
      const generation = ++this.generation;
      const offset = Math.max(0, Math.floor(place / CHUNK) * CHUNK - CHUNK);
      const chunk = await this.load(offset, Math.min(CHUNK * 3, this.total - offset));
      if (!chunk || generation !== this.generation) return null;
      this.chunks.forEach(({ element }) => element.remove());
      this.chunks = [chunk];
      this.box.append(chunk.element);
    }
    const row = this.row(place);
    if (row) {
      const offset = row.getBoundingClientRect().top - this.box.getBoundingClientRect().top;
      this.box.scrollTop += offset - part * this.box.clientHeight;
    }
    void this.fill();
    return row;
  }

  /** The first row in view and how many rows are, or null before anything is loaded. */
  inView(): { first: HTMLElement; last: HTMLElement; shown: number } | null {
    const { top, bottom } = this.box.getBoundingClientRect();
    const rows: HTMLElement[] = [];
    for (const { element } of this.chunks) {
      const around = element.getBoundingClientRect();
      if (around.bottom < top + 30 || around.top > bottom) continue;
      for (const row of element.querySelectorAll<HTMLElement>("article")) {
        const { top: y, bottom: end } = row.getBoundingClientRect();
        if (end > top + 30 && y < bottom - 8) rows.push(row);
      }
    }
    const [first, last] = [rows[0], rows.at(-1)];
    return first && last ? { first, last, shown: rows.length } : null;
  }

  /** Load ahead of the edges where they are near; take away what is far. */
  async fill(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    try {
      const generation = this.generation;
      while (generation === this.generation && ((await this.growDown()) || (await this.growUp()))) this.trim();
    } finally {
      this.busy = false;
    }
  }

  private async growDown(): Promise<boolean> {
    const last = this.chunks.at(-1);
    const left = this.box.scrollHeight - this.box.scrollTop - this.box.clientHeight;
    if (!last || this.to >= this.total || left > AHEAD * this.box.clientHeight + this.box.clientHeight * 0.4) return false;
    const generation = this.generation;
    const chunk = await this.load(this.to, Math.min(CHUNK, this.total - this.to));
    if (!chunk || generation !== this.generation) return false;
    last.element.after(chunk.element);
    this.chunks.push(chunk);
    return true;
  }

  private async growUp(): Promise<boolean> {
    const first = this.chunks[0];
    if (!first || this.from <= 0 || this.box.scrollTop > AHEAD * this.box.clientHeight) return false;
    const generation = this.generation;
    const offset = Math.max(0, this.from - CHUNK);
    const chunk = await this.load(offset, this.from - offset);
    if (!chunk || generation !== this.generation) return false;
    const before = first.element.getBoundingClientRect().top;
    first.element.before(chunk.element);
    this.chunks.unshift(chunk);
    this.box.scrollTop += first.element.getBoundingClientRect().top - before;
    return true;
  }

  private trim(): void {
    const { clientHeight: height } = this.box;
    while (this.chunks.length > KEEP) {
      const [first, last] = [this.chunks[0] as Chunk, this.chunks.at(-1) as Chunk];
      const box = this.box.getBoundingClientRect();
      const above = box.top - first.element.getBoundingClientRect().bottom;
      const below = last.element.getBoundingClientRect().top - box.bottom;
      if (Math.max(above, below) < (AHEAD + 0.5) * height) return;
      if (above > below) {
        const gone = first.element.getBoundingClientRect().height;
        first.element.remove();
        this.chunks.shift();
        this.box.scrollTop -= gone;
      } else {
        last.element.remove();
        this.chunks.pop();
      }
    }
  }

  private async load(offset: number, count: number): Promise<Chunk | null> {
    this.waiting?.abort();
    this.waiting = new AbortController();
    const query = new URLSearchParams({ offset: String(offset), limit: String(count) });
    try {
      const html = await part(`/conversations/${this.conversation}/lines?${query}`, { signal: this.waiting.signal });
      const holder = document.createElement("template");
      holder.innerHTML = html;
      const element = holder.content.firstElementChild;
      if (!(element instanceof HTMLElement)) return null;
      this.added(element);
      return { offset, count, element };
    } catch (error) {
      if (error instanceof DOMException && error.name === "AbortError") return null;
      throw error;
    }
  }
}
