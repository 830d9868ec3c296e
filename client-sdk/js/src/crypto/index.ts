/**
 * cx1: end-to-end encrypted rooms, as pure functions over bytes and immutable states.
 *
 * Invariant: no module here reads a clock, a random source, a store or a socket; time, nonces and seeds are
 * arguments. `docs/encryption.md` is the specification. Importing this waits until libsodium is ready.
 */

export * from "./authoring.js";
export * from "./claims.js";
export * from "./commits.js";
export * from "./content.js";
export * from "./envelopes.js";
export * from "./ephemera.js";
export * from "./epochs.js";
export * from "./errors.js";
export * from "./files.js";
export * from "./identity.js";
export * from "./invites.js";
export * from "./linking.js";
export * from "./links.js";
export * from "./membership.js";
export * from "./operations.js";
export * from "./primitives.js";
export * from "./ratchet.js";
export * from "./recovery.js";
export * from "./sending.js";
export * from "./stored.js";
export * from "./transcript.js";
export * from "./verification.js";
export * from "./wire.js";
