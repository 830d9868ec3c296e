import { encodeQR } from "qr";
import { useMemo } from "react";

import { pathOf } from "./codes";

/** A code for a camera: dark on light in either theme, with the quiet zone that readers need. */
export function QrImage({ text, label }: { text: string; label: string }) {
  const squares = useMemo(() => encodeQR(text, "raw", { ecc: "medium", border: 4 }), [text]);
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${squares.length} ${squares.length}`}
      shapeRendering="crispEdges"
      className="mx-auto size-60 rounded-lg border"
    >
      <rect width={squares.length} height={squares.length} fill="#fff" />
      <path d={pathOf(squares)} fill="#000" />
    </svg>
  );
}
