/** The public surface of the package. */

export { Client } from "./client.js";
export type { CallOptions, ClientEvents, ClientOptions } from "./client.js";
export type { Readable } from "./emitter.js";
export { isYmeraError, YmeraError } from "./errors.js";
export type { Content, Uploadable } from "./files/content.js";
export type { Download, DownloadOptions } from "./files/download.js";
export type { Files, UploadStorage } from "./files/files.js";
export type { Landing } from "./files/landing.js";
export type { Progress } from "./files/pace.js";
export { pickedLanding } from "./files/picked.js";
export type { FileUpload, UploadOptions, UploadPhase, UploadProgress } from "./files/upload.js";
export { EMPTY_STATE, foldEvents, foldSnapshot } from "./fold.js";
export type { RoomState, Snapshot } from "./fold.js";
export type { OptimisticChange } from "./overlay.js";
export type { QueuedCommand } from "./outbox.js";
export type { ItemOf, PagedCommand } from "./page.js";
export type { Rest } from "./rest.js";
export type { LiveRoom, RoomPhase } from "./room.js";
export type {
  Alarm,
  Halt,
  Mark,
  NewSealedRoom,
  PairingFlow,
  PairingStep,
  Sealed,
  SealedChange,
  SealedDevice,
  SealedInviteOptions,
  SealedMember,
  SealedPolicy,
  SealedRequest,
  SealedRole,
  SealedRoomView,
  SealedState,
  SealedStatus,
  SearchHit,
  Trust,
} from "./sealed/api.js";
export type { Whisper } from "./sealed/channel.js";
export type { Keys } from "./sealed/keys.js";
export { workerKeys } from "./sealed/tabs.js";
export { workerReader, type Reader, type WorkerReaderOptions } from "./extraction/reader.js";
export type { Extraction } from "./extraction/extraction.js";
export type { WorkerKeysOptions } from "./sealed/tabs.js";
export type { Rejection } from "./sender.js";
export { cookieSession, passwordSession, programToken } from "./session.js";
export type { Access, CredentialSource, RefreshTokenStore } from "./session.js";
export type { Phase, Status } from "./status.js";
export { openIndexedDb } from "./storage/indexeddb.js";
export { memoryStorage } from "./storage/memory.js";
export type { CommandStorage } from "./storage/storage.js";
export type { TypingMember } from "./typing.js";
export * from "./generated/protocol.js";
