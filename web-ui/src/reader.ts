import { openMessage } from "./drawer";
import { silent } from "./keys";
import { choose, currentRow } from "./list";
import { address, setAddress } from "./place";
import { locale, say } from "./said";
import { ask, part, send } from "./send";
import { Strip } from "./strip";
import { Window } from "./window";

// The reader of one conversation: the window that scrolls, the strip that leads anywhere, hits, dates, the read mark.

const DRAG_PAUSE = 110;
const BINS = 300;

class Reader {
  private readonly window: Window;
  private readonly strip: Strip;
  private readonly days: [string, number, number][];
  private readonly day: HTMLElement;
  private readonly own: boolean;
  private readonly conversation: string;
  private readonly total: number;
  private hits: number[] = [];
  private marked = new Set<number>();
  private at = 0;
  private dragged = 0;
  private wanted = 0;
  private idle = 0;
  private frame = 0;

  constructor(private readonly box: HTMLElement) {
    this.conversation = box.dataset["conversation"] ?? "";
    this.total = Number(box.dataset["total"]);
    this.own = box.closest("main")?.classList.contains("panes") ?? false;
    this.days = JSON.parse(box.querySelector(".days")?.textContent ?? "[]") as [string, number, number][];
    const scroller = box.querySelector<HTMLElement>(".scroller") as HTMLElement;
    this.day = scroller.querySelector<HTMLElement>(".top-pad") as HTMLElement;
    this.window = new Window(scroller, this.conversation, this.total, (chunk) => this.prepare(chunk));
    this.strip = new Strip(box.querySelector<HTMLElement>(".strip") as HTMLElement, this.total, {
      go: (place, final) => this.dragTo(place, final),
      words: (place) => this.words(place),
    });
    // At the end of what is loaded nothing scrolls any more: the hand that tries is what asks again after a failure.
    for (const kind of ["scroll", "wheel", "touchmove", "keydown"]) {
      scroller.addEventListener(kind, () => this.scrolled(), { passive: true });
    }
    scroller.addEventListener("keydown", (event) => this.key(event));
    box.addEventListener("filon:open", (event) => {
      const number = (event.target as HTMLElement).dataset["number"];
      if (number && !document.getElementById("drawer")?.hidden) void openMessage(number);
    });
    box.addEventListener("click", (event) => this.click(event));
    box.querySelector<HTMLFormElement>("[data-goto]")?.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.goTo(String(new FormData(event.target as HTMLFormElement).get("time")));
    });
  }

  async open(focus: boolean): Promise<void> {
    if (!this.total) return;
    const kept = this.own ? address("top") : null;
    const place = Math.min(kept === null ? Number(this.box.dataset["place"]) : Number(kept) || 0, this.total - 1);
    const row = await this.window.show(place, kept === null ? 0.3 : 0.05);
    const at = this.box.dataset["at"];
    const target = at ? this.box.querySelector<HTMLElement>(`[data-number="${CSS.escape(at)}"]`) : null;
    if (target) {
      choose(target, focus && kept === null);
      target.classList.add("target");
    } else if (row) choose(row, focus && kept === null);
    if (focus && kept !== null) this.window.box.focus({ preventScroll: true });
    this.scrolled();
    await this.density();
  }

  /** Go to a message of this conversation; says whether it is one. */
  async jumpTo(number: string): Promise<boolean> {
    const found = await ask<{ place: number | null }>(
      `/conversations/${this.conversation}/place?${new URLSearchParams({ at: number })}`,
    );
    if (found.place === null) return false;
    await this.jump(found.place);
    return true;
  }

  async jump(place: number): Promise<void> {
    const row = await this.window.show(place, 0.3);
    if (!row) return;
    this.box.querySelectorAll(".target").forEach((other) => other.classList.remove("target"));
    row.classList.add("target");
    choose(row);
  }

  step(way: number): void {
    if (!this.hits.length) return;
    const chosen = this.box.querySelector<HTMLElement>(".line.chosen");
    const here = chosen ? Number(chosen.dataset["place"]) : this.at;
    const next = way > 0 ? this.hits.find((place) => place > here) : this.hits.findLast((place) => place < here);
    if (next === undefined) return;
    const lang = locale();
    this.countHits(`${(this.hits.indexOf(next) + 1).toLocaleString(lang)} / ${this.hits.length.toLocaleString(lang)}`);
    void this.jump(next);
  }

  async markRead(): Promise<void> {
    const chosen = this.box.querySelector<HTMLElement>(".line.chosen") ?? this.window.inView()?.last;
    const number = chosen?.dataset["number"];
    if (!chosen || !number) return;
    await send(`/conversations/${this.conversation}/read`, { number });
    this.box.dataset["readTo"] = number;
    this.box.querySelectorAll(".read-to").forEach((line) => line.remove());
    this.drawRead(this.box);
    say(`${this.box.dataset["wordsRead"]} ${number}`);
  }

  around(): void {
    const chosen = this.box.querySelector<HTMLElement>(".line.chosen") ?? this.window.inView()?.first;
    const time = chosen?.dataset["minute"];
    if (!time) return;
    const zone = document.documentElement.dataset["shownZone"] ?? "";
    location.assign(`/around?${new URLSearchParams({ time, at: chosen?.dataset["number"] ?? "", zone })}`);
  }

  private async goTo(time: string): Promise<void> {
    const query = new URLSearchParams({ time });
    const { place } = await ask<{ place: number }>(`/conversations/${this.conversation}/place?${query}`);
    await this.jump(Math.min(place, this.total - 1));
  }

  private async density(): Promise<void> {
    const q = this.box.dataset["q"];
    const load = (what: Record<string, string>): Promise<{ bins: number[]; places: number[] }> =>
      ask(`/conversations/${this.conversation}/strip?${new URLSearchParams({ ...what, bins: String(BINS) })}`);
    const tagged = load({ tagged: "true" }).then(({ bins }) => this.strip.mark(bins, "--accent", 1));
    if (q) {
      const { bins, places } = await load({ q });
      this.hits = places;
      this.marked = new Set(places);
      this.strip.mark(bins, "--edited", 0);
      this.box.querySelectorAll<HTMLElement>("article").forEach((row) => this.markHit(row));
      this.countHits(places.length.toLocaleString(locale()));
    }
    await tagged;
  }

  private countHits(count: string): void {
    const place = this.box.querySelector<HTMLElement>("[data-walk-count]");
    if (place) place.textContent = (place.dataset["words"] ?? "{count}").replace("{count}", count);
  }

  private prepare(chunk: HTMLElement): void {
    chunk.querySelectorAll<HTMLElement>("article").forEach((row) => this.markHit(row));
    this.drawRead(chunk);
  }

  private markHit(row: HTMLElement): void {
    const hit = this.marked.has(Number(row.dataset["place"]));
    if (row.classList.toggle("is-hit", hit) && !row.querySelector(".hit-word")) {
      const word = Object.assign(document.createElement("span"), { className: "sr hit-word" });
      word.textContent = this.box.dataset["wordsHit"] ?? "";
      row.querySelector(".line-marks")?.prepend(word);
    }
  }

  private drawRead(within: HTMLElement): void {
    const number = this.box.dataset["readTo"];
    const row = number ? within.querySelector(`article[data-number="${CSS.escape(number)}"]`) : null;
    if (!row) return;
    const line = document.createElement("p");
    line.className = "read-to";
    line.textContent = this.box.dataset["wordsRead"] ?? "";
    row.after(line);
  }

  private scrolled(): void {
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      void this.window.fill();
      const view = this.window.inView();
      if (!view) return;
      this.at = Number(view.first.dataset["place"]);
      this.strip.move(this.at, view.shown);
      this.showDay();
      clearTimeout(this.idle);
      if (this.own) this.idle = window.setTimeout(() => setAddress({ top: String(this.at) }), 250);
    });
  }

  private dayOf(place: number): string | null {
    let [low, high] = [0, this.days.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.days[middle]?.[1] ?? 0) <= place) low = middle + 1;
      else high = middle;
    }
    const day = this.days[low - 1];
    return day && place < day[1] + day[2] ? day[0] : null;
  }

  private longDay(place: number): string {
    const day = this.dayOf(place);
    if (!day) return "";
    const written = new Intl.DateTimeFormat(locale(), { dateStyle: "full", timeZone: "UTC" });
    return written.format(new Date(`${day}T00:00:00Z`));
  }

  private showDay(): void {
    const words = this.longDay(this.at);
    if (this.day.textContent !== words) this.day.textContent = words;
  }

  private words(place: number): string {
    const lang = locale();
    const template = this.box.dataset["wordsOf"] ?? "{place} / {total}";
    const where = template
      .replace("{place}", (place + 1).toLocaleString(lang))
      .replace("{total}", this.total.toLocaleString(lang));
    const day = this.longDay(place);
    return day ? `${day} · ${where}` : where;
  }

  /** While the hand moves, follow it a few times a second; where it lets go, be there at once. */
  private dragTo(place: number, final: boolean): void {
    this.wanted = place;
    if (final) clearTimeout(this.dragged);
    else if (this.dragged) return;
    const follow = (): void => {
      this.dragged = 0;
      void this.window.show(this.wanted, 0.05);
    };
    this.dragged = window.setTimeout(follow, final ? 0 : DRAG_PAUSE);
  }

  private key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Home") void this.jump(0);
    else if (event.key === "End") void this.jump(this.total - 1);
    else return;
    event.preventDefault();
  }

  private click(event: Event): void {
    if (!(event.target instanceof Element)) return;
    const target = event.target;
    const step = target.closest<HTMLElement>("[data-step]")?.dataset["step"];
    if (step) this.step(Number(step));
    if (target.closest("[data-mark-read]")) void this.markRead();
    if (target.closest("[data-around]")) this.around();
    const people = target.closest<HTMLElement>("[data-people]");
    if (people) void this.showPeople(people);
  }

  private async showPeople(button: HTMLElement): Promise<void> {
    const box = this.box.querySelector<HTMLElement>(".people") as HTMLElement;
    box.hidden = !box.hidden;
    button.setAttribute("aria-expanded", String(!box.hidden));
    if (!box.hidden && !box.childElementCount) {
      box.innerHTML = await part(`/conversations/${this.conversation}/participation`);
    }
  }
}

const open = new WeakMap<HTMLElement, Reader>();

/** Bring a reader that was just put into the page to life. */
export function openReader(box: HTMLElement, focus = false): void {
  const reader = new Reader(box);
  open.set(box, reader);
  void reader.open(focus);
}

function current(): Reader | undefined {
  const box = [...document.querySelectorAll<HTMLElement>("[data-reader]")].find((each) => each.offsetParent);
  return box && open.get(box);
}

export function readers(): void {
  document.querySelectorAll<HTMLElement>("[data-reader]").forEach((box) => openReader(box, true));
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element) || (event as MouseEvent).ctrlKey || (event as MouseEvent).metaKey) return;
    const link = event.target.closest<HTMLAnchorElement>("a[data-jump]");
    const reader = current();
    if (!link || !reader) return;
    event.preventDefault();
    const { href } = link;
    void reader.jumpTo(link.dataset["jump"] ?? "").then((here) => here || location.assign(href));
  });
  document.addEventListener("keydown", (event) => {
    const target = event.target as HTMLElement;
    if (event.ctrlKey || event.metaKey || event.altKey || target.matches("input, textarea, select")) return;
    if (document.querySelector("dialog[open]") || silent(event)) return;
    const reader = current();
    if (!reader) return;
    if (event.key === "n") reader.step(1);
    else if (event.key === "p") reader.step(-1);
    else if (event.key === "m") void reader.markRead();
  });
  const around = document.querySelector<HTMLElement>(".around[data-at]")?.dataset["at"];
  const row = around ? document.querySelector<HTMLElement>(`[data-number="${CSS.escape(around)}"]`) : null;
  if (row && !currentRow()) {
    row.classList.add("target");
    choose(row);
  }
}
