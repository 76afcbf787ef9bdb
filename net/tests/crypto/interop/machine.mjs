// One browser-side phone: an OlmMachine and the second implementation around it, asked with JSON values and answering with
// JSON values. The same file runs in node and in a page. Nothing here touches the network: what OlmMachine wants sent is
// answered from what the other side hands in. Bytes travel as unpadded base64.
import * as sdk from "@matrix-org/matrix-sdk-crypto-wasm";
import * as second from "./second.mjs";

const { fromBase64, toBase64 } = second;
const OLM = "m.olm.v1.curve25519-aes-sha2";
let machine, own, mine, sealKey, sent = 0;

async function peerDevice({ user, device }) {
  return machine.getDevice(new sdk.UserId(user), new sdk.DeviceId(device));
}

const answers = {
  // Open or open again. `store` names an IndexedDB store, only in a page.
  async open({ user, device, seed, sent: before, store, passphrase }) {
    const began = performance.now();
    await sdk.initAsync();
    const loaded = performance.now();
    machine = await sdk.OlmMachine.initialize(new sdk.UserId(user), new sdk.DeviceId(device), store, passphrase);
    own = { user, device };
    sealKey = await second.sealKeyOf(fromBase64(seed));
    sent = before;
    const { ed25519, curve25519 } = machine.identityKeys;
    const versions = sdk.getVersions();
    return {
      ed25519: ed25519.toBase64(), curve25519: curve25519.toBase64(), seal_key: toBase64(sealKey.publicBytes),
      vodozemac: versions.vodozemac, load_ms: loaded - began, open_ms: performance.now() - loaded,
    };
  },
  // What the machine would upload: signed device keys, signed one-time and fallback keys.
  async keys() {
    const uploads = [];
    for (const request of await machine.outgoingRequests()) {
      if (request.type !== sdk.RequestType.KeysUpload) continue;
      uploads.push(JSON.parse(request.body));
      const counts = { signed_curve25519: 50 };
      await machine.markRequestAsSent(request.id, request.type, JSON.stringify({ one_time_key_counts: counts }));
    }
    return { uploads };
  },
  async sign({ text }) {
    return { signatures: JSON.parse((await machine.sign(text)).asJSON()) };
  },
  async certify({ certificate }) {
    mine = fromBase64(certificate);
    return second.readCertificate(mine);
  },
  // The keys of the other device, as its bundle gives them; OlmMachine checks the signatures by itself.
  async learn({ user, device, keys }) {
    await machine.updateTrackedUsers([new sdk.UserId(user)]);
    const request = machine.queryKeysForUsers([new sdk.UserId(user)]);
    const response = { device_keys: { [user]: { [device]: keys } }, failures: {} };
    await machine.markRequestAsSent(request.id, sdk.RequestType.KeysQuery, JSON.stringify(response));
    return { known: (await peerDevice({ user, device })) !== undefined };
  },
  async claim({ user, device, key }) {
    const request = await machine.getMissingSessions([new sdk.UserId(user)]);
    if (!request) return { claimed: false };
    const response = { one_time_keys: { [user]: { [device]: key } }, failures: {} };
    await machine.markRequestAsSent(request.id, sdk.RequestType.KeysClaim, JSON.stringify(response));
    return { claimed: (await machine.getMissingSessions([new sdk.UserId(user)])) === null };
  },
  async write({ certificate, seal_key, body, at }) {
    const began = performance.now();
    const peer = second.readCertificate(fromBase64(certificate));
    const id = crypto.getRandomValues(new Uint8Array(16));
    const padded = second.writeLetter(["text", id, ++sent, at, 0, fromBase64(body)]);
    const to = await peerDevice(peer);
    const content = JSON.parse(await to.encryptToDeviceEvent("filon-net.letter", { padded: toBase64(padded) }));
    const { type, body: olm } = content.ciphertext[peer.curve25519];
    const receiver = await second.fingerprint(fromBase64(certificate));
    const ratcheted = performance.now();
    const blob = await second.seal(mine, type, fromBase64(olm), padded.length, fromBase64(seal_key), receiver);
    return { blob: toBase64(blob), kind: type, ms: performance.now() - began, seal_ms: performance.now() - ratcheted };
  },
  async read({ blob }) {
    const began = performance.now();
    const receiver = await second.fingerprint(mine);
    const { certificate, kind, ciphertext } = await second.unseal(fromBase64(blob), sealKey.pair, receiver);
    const seal_ms = performance.now() - began;
    const peer = second.readCertificate(certificate);
    const me = machine.identityKeys.curve25519.toBase64();
    const event = {
      type: "m.room.encrypted", sender: peer.user,
      content: { algorithm: OLM, sender_key: peer.curve25519, ciphertext: { [me]: { type: kind, body: toBase64(ciphertext) } } },
    };
    const [done] = await machine.receiveSyncChanges(
      JSON.stringify([event]), new sdk.DeviceLists(), new Map([["signed_curve25519", 50]]), new Set(["signed_curve25519"]),
    );
    const outcome = sdk.ProcessedToDeviceEventType[done.type];
    const ms = performance.now() - began;
    if (outcome !== "Decrypted") return { outcome, ms, seal_ms };
    const raw = JSON.parse(done.rawEvent);
    const [letterKind, , number, sentAt, , body] = second.readLetter(fromBase64(raw.content.padded));
    return { outcome, ms, seal_ms, sender: raw.sender, type: raw.type, kind: letterKind, number, sent_at: sentAt, body: toBase64(body) };
  },
  async close() {
    machine.close();
    machine = undefined;
    return own;
  },
};

export async function answer(question) {
  try {
    return { ok: await answers[question.do](question) };
  } catch (error) {
    return { error: String(error?.message ?? error) };
  }
}
