/** The HTTP stack of transfers: what tus-js-client's own leaves out. */

import type { HttpRequest, HttpStack, UrlStorage } from "tus-js-client";

import { checksumOf } from "./digest.js";
import { fallenSilent, orAborted, SILENCE_MS } from "./silence.js";

/** A stack whose requests end when nothing moves any more; with `checked` the server checks the bytes of each. */
export function stackOn(stack: HttpStack, checked: boolean): HttpStack {
  return {
    getName: () => stack.getName(),
    createRequest: (method, url) => {
      const request = stack.createRequest(method, url);
      watch(request);
      if (checked) check(request);
      return request;
    },
  };
}

/** A storage that does not fail: tus-js-client would wait for it for ever. Who needs it is told by `failed`. */
export function unfailing(storage: UrlStorage, failed: (error: unknown) => void): UrlStorage {
  return {
    findAllUploads: () => storage.findAllUploads(),
    findUploadsByFingerprint: (fingerprint) => storage.findUploadsByFingerprint(fingerprint),
    removeUpload: (key) => storage.removeUpload(key),
    addUpload: async (fingerprint, upload) => {
      try {
        return await storage.addUpload(fingerprint, upload);
      } catch (error) {
        failed(error);
        return "";
      }
    },
  };
}

function watch(request: HttpRequest): void {
  const send = request.send.bind(request);
  const track = request.setProgressHandler.bind(request);
  const ending = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const heard = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      ending.abort(fallenSilent());
    }, SILENCE_MS);
  };
  request.setProgressHandler = (handler) => {
    track((bytes) => {
      if (timer !== undefined) heard();
      handler(bytes);
    });
  };
  request.send = async (body: unknown) => {
    heard();
    try {
      return await orAborted(send(body), ending.signal);
    } finally {
      clearTimeout(timer);
      timer = undefined;
      if (ending.signal.aborted) await request.abort();
    }
  };
}

function check(request: HttpRequest): void {
  const send = request.send.bind(request);
  request.send = async (body: unknown) => {
    const checksum = body instanceof Uint8Array ? await checksumOf(Uint8Array.from(body)) : null;
    if (checksum !== null) request.setHeader("Upload-Checksum", checksum);
    return send(body);
  };
}
