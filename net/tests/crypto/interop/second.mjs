// A second implementation of what lies between Olm and the relay, as docs/protocol.md describes it, sharing no code with the first:
// padding, envelope, seal, and as much of a certificate as a receiver needs. Small and strict to the one shape it reads.
import { Aes256Gcm, CipherSuite, HkdfSha256 } from "@hpke/core";
import { XWing } from "@hpke/hybridkem-x-wing";

const BUCKETS = [256, 1024, 4096, 16384, 65536];
const text = new TextEncoder();
const suite = () => new CipherSuite({ kem: new XWing(), kdf: new HkdfSha256(), aead: new Aes256Gcm() });

export const fromHex = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (two) => parseInt(two, 16));
export const toHex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
export const fromBase64 = (b64) => Uint8Array.from(atob(b64), (c) => c.charCodeAt(0));
export function toBase64(bytes) {
  let out = "";
  for (let i = 0; i < bytes.length; i += 8192) out += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(out).replace(/=+$/, "");
}

function join(...parts) {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) { out.set(part, at); at += part.length; }
  return out;
}

// Canonical CBOR: a head, then arrays of what is already encoded.
function head(major, n) {
  if (n < 24) return Uint8Array.of(major << 5 | n);
  if (n < 256) return Uint8Array.of(major << 5 | 24, n);
  if (n < 65536) return Uint8Array.of(major << 5 | 25, n >> 8, n & 255);
  if (n < 4294967296) return Uint8Array.of(major << 5 | 26, n >>> 24, n >> 16 & 255, n >> 8 & 255, n & 255);
  const high = Math.floor(n / 4294967296), low = n % 4294967296;
  return join(Uint8Array.of(major << 5 | 27, high >>> 24, high >> 16 & 255, high >> 8 & 255, high & 255),
    Uint8Array.of(low >>> 24, low >> 16 & 255, low >> 8 & 255, low & 255));
}
const encode = (value) => typeof value === "number" ? head(0, value)
  : typeof value === "string" ? join(head(3, text.encode(value).length), text.encode(value))
  : Array.isArray(value) ? join(head(4, value.length), ...value.map(encode))
  : join(head(2, value.length), value);

function decode(bytes) {
  let at = 0;
  const one = () => {
    const major = bytes[at] >> 5, low = bytes[at++] & 31;
    const more = low < 24 ? 0 : 2 ** (low - 24);
    if (more > 8) throw new Error("not canonical");
    let n = low < 24 ? low : 0;
    for (let i = 0; i < more; i++) n = n * 256 + bytes[at++];
    if (major === 0) return n;
    if (major === 4) return Array.from({ length: n }, one);
    if (major !== 2 && major !== 3) throw new Error("not expected here");
    const data = bytes.slice(at, at += n);
    if (data.length !== n) throw new Error("cut short");
    return major === 2 ? data : new TextDecoder().decode(data);
  };
  const value = one();
  if (at !== bytes.length || toHex(encode(value)) !== toHex(bytes)) throw new Error("not canonical");
  return value;
}

export function pad(data, size) {
  const out = new Uint8Array(size);
  out.set(data);
  if (data.length >= size) throw new Error("too long");
  out[data.length] = 0x80;
  return out;
}
export function unpad(data) {
  let end = data.length;
  while (end > 0 && data[end - 1] === 0) end--;
  if (data[end - 1] !== 0x80) throw new Error("padding that is not ours");
  return data.slice(0, end - 1);
}

export function writeLetter([kind, id, number, sentAt, expiresAt, body]) {
  const data = encode([1, kind, id, number, sentAt, expiresAt, body]);
  return pad(data, BUCKETS.find((size) => size > data.length));
}
export function readLetter(padded) {
  if (!BUCKETS.includes(padded.length)) throw new Error("an unknown length");
  const [version, ...fields] = decode(unpad(padded));
  if (version !== 1) throw new Error("an unknown version");
  return fields;
}

export async function fingerprint(certificate) {
  const [, user, device, ed25519, curve25519] = decode(certificate);
  const digest = await crypto.subtle.digest("SHA-256", join(text.encode("filon-net device v1\0"), user, device, ed25519, curve25519));
  return new Uint8Array(digest);
}
export function readCertificate(certificate) {
  const [, user, device, ed25519, curve25519] = decode(certificate);
  return { user: `@${toHex(user)}:filon-net`, device: toHex(device), ed25519: toBase64(ed25519), curve25519: toBase64(curve25519) };
}

export async function sealKeyOf(seed) {
  const kem = new XWing();
  await kem.deserializePrivateKey(seed); // the library sets itself up here
  const pair = await kem.generateKeyPairDerand(seed);
  return { pair, publicBytes: new Uint8Array(await kem.serializePublicKey(pair.publicKey)) };
}
export async function seal(certificate, kind, ciphertext, bucket, sealKey, receiver) {
  const size = Math.ceil(bucket * 8 / 6) + 2048;
  const envelope = pad(encode([1, certificate, kind, ciphertext]), size);
  const kem = new XWing();
  const info = join(text.encode("filon-net seal v1\0"), receiver);
  const sender = await suite().createSenderContext({ recipientPublicKey: await kem.deserializePublicKey(sealKey), info });
  return join(Uint8Array.of(1), new Uint8Array(sender.enc), new Uint8Array(await sender.seal(envelope)));
}
export async function unseal(blob, pair, receiver) {
  if (blob[0] !== 1) throw new Error("no seal of this version");
  const info = join(text.encode("filon-net seal v1\0"), receiver);
  const opener = await suite().createRecipientContext({ recipientKey: pair.privateKey, enc: blob.slice(1, 1121), info });
  const [version, certificate, kind, ciphertext] = decode(unpad(new Uint8Array(await opener.open(blob.slice(1121)))));
  if (version !== 1) throw new Error("an unknown envelope");
  return { certificate, kind, ciphertext };
}
