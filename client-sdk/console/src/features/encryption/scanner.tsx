import { CameraOff } from "lucide-react";
import { type RefObject, useEffect, useRef, useState } from "react";

import { useStable } from "#/ui/use-stable";

/** How often a picture of the camera is looked at, in milliseconds. */
const LOOK_MS = 250;
/** Longest side of what is looked at, in pixels: enough for a code that fills half of the picture. */
const MAX_SIDE = 720;

/** The camera, until there is a code in front of it. */
export function Scanner({ onFound }: { onFound: (text: string) => void }) {
  const video = useRef<HTMLVideoElement>(null);
  const refused = useScan(video, useStable(onFound));
  if (refused)
    return (
      <p
        role="alert"
        className="flex items-start gap-2 rounded-lg border border-dashed px-3 py-2.5 text-xs text-ink-2"
      >
        <CameraOff aria-hidden className="mt-0.5 size-3.5 shrink-0" /> {refused}
      </p>
    );
  return (
    <video
      ref={video}
      muted
      playsInline
      aria-label="Camera: hold the other device's code in front of it"
      className="aspect-square w-full rounded-lg border bg-sunken object-cover"
    />
  );
}

/** Reads codes off the camera. Returns why there is no picture. */
function useScan(video: RefObject<HTMLVideoElement | null>, found: (text: string) => void): string | null {
  const [refused, setRefused] = useState<string | null>(null);
  useEffect(() => {
    const scan = new AbortController();
    watch(video.current, () => scan.signal.aborted).then(
      (text) => text !== null && found(text),
      (error: unknown) => !scan.signal.aborted && setRefused(reasonOf(error)),
    );
    return () => scan.abort();
  }, [video, found]);
  return refused;
}

/** Looks through the camera until it sees a code; null if it was stopped before. */
async function watch(video: HTMLVideoElement | null, stopped: () => boolean): Promise<string | null> {
  // Only who scans needs the reader.
  const { decodeQR } = await import("qr/decode.js");
  if (!video || stopped()) return null;
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  try {
    video.srcObject = stream;
    await video.play();
    const canvas = document.createElement("canvas");
    while (!stopped()) {
      const picture = pictureOf(video, canvas);
      const text = picture && readOr(() => decodeQR(picture));
      if (text) return text;
      await new Promise((resume) => setTimeout(resume, LOOK_MS));
    }
    return null;
  } finally {
    for (const track of stream.getTracks()) track.stop();
  }
}

/** Most pictures hold no code, which the reader says by throwing. */
function readOr(read: () => string): string | null {
  try {
    return read();
  } catch {
    return null;
  }
}

function pictureOf(video: HTMLVideoElement, canvas: HTMLCanvasElement): ImageData | null {
  const { videoWidth, videoHeight } = video;
  const scale = Math.min(1, MAX_SIDE / Math.max(videoWidth, videoHeight));
  canvas.width = Math.round(videoWidth * scale);
  canvas.height = Math.round(videoHeight * scale);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context || canvas.width === 0 || canvas.height === 0) return null;
  context.drawImage(video, 0, 0, canvas.width, canvas.height);
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

function reasonOf(error: unknown): string {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError")
    return "The browser does not let this page use the camera. Allow it in the address bar, or paste the code.";
  if (name === "NotFoundError" || name === "OverconstrainedError")
    return "There is no camera here. Paste the code, or compare eight digits.";
  return "The camera cannot be used. Paste the code, or compare eight digits.";
}
