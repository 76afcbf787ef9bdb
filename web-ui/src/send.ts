// Requests that change something carry the CSRF token of this session; htmx's and our own alike.

const token = (): string => document.querySelector<HTMLMetaElement>('meta[name="filon-csrf"]')?.content ?? "";

/** A problem the server told in plain words. */
export class Refused extends Error {
  constructor(
    message: string,
    readonly hint: string | null,
  ) {
    super(message);
  }
}

/** Teach htmx to send the token. */
export function guard(): void {
  document.addEventListener("htmx:config:request", (event) => {
    const { ctx } = (event as CustomEvent<{ ctx: { request: { headers: Record<string, string> } } }>).detail;
    ctx.request.headers["X-Filon-Csrf"] = token();
  });
}

/** JSON from an address of this room; Refused where it says why not. */
export async function ask<T>(url: string, init: RequestInit = {}): Promise<T> {
  const headers = new Headers(init.headers);
  headers.set("Accept", "application/json");
  if (init.method && init.method !== "GET") headers.set("X-Filon-Csrf", token());
  const response = await fetch(url, { ...init, headers });
  const body: unknown = await response.json();
  if (!response.ok) {
    const { problem, hint } = body as { problem?: string; hint?: string | null };
    throw new Refused(problem ?? response.statusText, hint ?? null);
  }
  return body as T;
}

/** Send a form. */
export function send<T>(url: string, fields: Record<string, string>): Promise<T> {
  return ask<T>(url, { method: "POST", body: new URLSearchParams(fields) });
}

/** HTML of a part of a page. */
export async function part(url: string, signal?: AbortSignal): Promise<string> {
  const response = await fetch(url, { headers: { Accept: "text/html", "HX-Request": "true" }, signal: signal ?? null });
  return response.text();
}

/** Send a form and take the answer as HTML. */
export async function sendForPart(url: string, fields: Record<string, string>): Promise<string> {
  const headers = { Accept: "text/html", "HX-Request": "true", "X-Filon-Csrf": token() };
  const response = await fetch(url, { method: "POST", headers, body: new URLSearchParams(fields) });
  return response.text();
}

/** Upload one file as the body of a PUT, telling how far it is (0 to 1). */
export function upload(url: string, file: File, told: (part: number) => void): Promise<void> {
  return new Promise((done, failed) => {
    const request = new XMLHttpRequest();
    request.open("PUT", url);
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.setRequestHeader("X-Filon-Csrf", token());
    request.upload.onprogress = (event) => event.lengthComputable && told(event.loaded / event.total);
    request.onload = () => {
      if (request.status < 300) return done();
      const { problem, hint } = JSON.parse(request.responseText) as { problem: string; hint: string | null };
      failed(new Refused(problem, hint));
    };
    request.onerror = () => failed(new Refused("The connection was lost.", null));
    request.send(file);
  });
}
