/** The core does nothing but compute: it asks no clock, no random source, no store and no other package. */

import { readdirSync, readFileSync } from "node:fs";
import sodium from "libsodium-wrappers-sumo";
import { expect, test } from "vitest";

const SOURCES = new URL("../../src/crypto/", import.meta.url);
/** Clocks, random sources, stores, networks and what only one kind of host has. */
const ASKING =
  /\b(Date|performance|random\w*|getRandomValues|crypto|subtle|globalThis|self|window|document)\b/;
const HOSTED = /\b(process|Buffer|require|fetch|indexedDB|localStorage|postMessage|setTimeout|setInterval)\b/;
/** Of libsodium, only what PyNaCl has too and what draws no random bytes. */
const SODIUM = new Set([
  ...["ready", "memcmp", "pad", "unpad", "crypto_generichash", "crypto_generichash_init"],
  ...["crypto_generichash_update", "crypto_generichash_final", "crypto_sign_seed_keypair"],
  ...["crypto_sign_detached", "crypto_sign_verify_detached", "crypto_scalarmult", "crypto_scalarmult_base"],
  ...["crypto_aead_xchacha20poly1305_ietf_encrypt", "crypto_aead_xchacha20poly1305_ietf_decrypt"],
  ...["crypto_box_easy", "crypto_box_seal_open", "crypto_pwhash", "crypto_pwhash_ALG_ARGON2ID13"],
  ...["crypto_secretstream_xchacha20poly1305_init_pull", "crypto_secretstream_xchacha20poly1305_push"],
  "crypto_secretstream_xchacha20poly1305_pull",
]);

/** The code of a source without its comments and texts. */
function codeOf(text: string): string {
  return text.replace(/\/\*[^]*?\*\/|\/\/.*|"[^"\n]*"|`[^`]*`/g, "");
}

test.each(readdirSync(SOURCES))("%s imports and asks only what computes", (file) => {
  const text = readFileSync(new URL(file, SOURCES), "utf8");
  const imported = [...text.matchAll(/from "([^"]+)"/g)].map(([, name = ""]) => name);
  const others = imported.filter((name) => !/^\.\/\w+\.js$/.test(name));
  expect(others).toEqual(file === "primitives.ts" ? ["libsodium-wrappers-sumo"] : []);
  expect(codeOf(text)).not.toMatch(ASKING);
  expect(codeOf(text)).not.toMatch(HOSTED);
  const used = [...text.matchAll(/\bsodium\s*\.\s*(\w+)/g)].map(([, name = ""]) => name);
  expect(used.filter((name) => !SODIUM.has(name))).toEqual([]);
});

test("the numbers of formats are those of libsodium", async () => {
  await sodium.ready;
  const { FINAL, MESSAGE, STREAM_HEADER, NONCE, SEAL, TAG } = await import("../../src/crypto/primitives.js");
  const { OVERHEAD } = await import("../../src/crypto/files.js");
  const { BOX } = await import("../../src/crypto/epochs.js");
  expect([FINAL, MESSAGE, STREAM_HEADER, OVERHEAD]).toEqual([
    sodium.crypto_secretstream_xchacha20poly1305_TAG_FINAL,
    sodium.crypto_secretstream_xchacha20poly1305_TAG_MESSAGE,
    sodium.crypto_secretstream_xchacha20poly1305_HEADERBYTES,
    sodium.crypto_secretstream_xchacha20poly1305_ABYTES,
  ]);
  expect([NONCE, TAG, SEAL, BOX]).toEqual([
    sodium.crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    sodium.crypto_aead_xchacha20poly1305_ietf_ABYTES,
    sodium.crypto_box_SEALBYTES,
    144,
  ]);
});
