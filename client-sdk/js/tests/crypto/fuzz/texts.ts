/** JSON and near JSON of a sender's, and recovery codes as people mistype them. */

import { concat, makeCode, pad, showCode, toHex, u8, utf8 } from "../../../src/crypto/index.js";
import type { Chance } from "../cast.js";
import type { Question } from "./peer.js";

const NUMBERS = [
  "0",
  "-0",
  "1",
  "-12",
  "1.5",
  "1e3",
  "1E-2",
  "1e400",
  "-1e999",
  "1e-999",
  "9007199254740993",
];
const NEAR_NUMBERS = ["01", "1.", ".5", "+1", "1e", "-", "0x1", "NaN", "-Infinity", "1_0", "٣"];
const STRINGS = ['""', '"a"', '"\\u00e9"', '"\\ud800"', '"é😀"', '"\\n\\/"', '"[{"', '"1e400"'];
const NEAR_STRINGS = ["'a'", '"\\x"', '"\\u12"', '"\n"', '"', '"\u0000"', "\u2028", '"\u2028"'];
const WORDS = ["true", "false", "null", "nul", "True", "undefined", "//", "\ufeff"];

/** A content as a sender has put it into an envelope. */
export function content(chance: Chance): Question {
  const made = chance.pick([object, object, object, object, soup, deep]);
  let raw = utf8(made(chance, 0));
  if (chance.below(10) === 0) raw = raw.map((byte) => (chance.below(12) === 0 ? chance.below(256) : byte));
  const type = chance.pick([1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 2, 3]);
  const plaintext = toHex(pad(concat(u8(type), raw)));
  const input = { kind: chance.pick([1, 1, 1, 1, 1, 1, 2, 3, 4, 4]), plaintext };
  return { case: { id: "content", run: "read_content", input }, chains: {}, total: true };
}

const STRANGE = Array.from("oilOIL- \t\u00a0éıßﬀ😀U0A");

/** A recovery code as somebody has typed it. */
export function code(chance: Chance): Question {
  const typed = Array.from(showCode(makeCode(chance.draw(19))));
  for (let left = chance.below(4); left > 0; left--) {
    const at = chance.below(typed.length);
    const character = STRANGE[chance.below(STRANGE.length)] ?? "";
    typed.splice(at, chance.below(2), ...chance.pick([[], [character], [character.toLowerCase()]]));
  }
  const input = { typed: typed.join("") };
  return { case: { id: "code", run: "normalise_code", input }, chains: {}, total: true };
}

function object(chance: Chance, depth: number): string {
  const members = Array.from({ length: chance.below(4) }, () => {
    const name = chance.pick(['"a"', '"b"', '"__proto__"', '""']);
    return `${space(chance)}${name}${space(chance)}:${value(chance, depth + 1)}`;
  });
  return `{${members.join(",")}}${space(chance)}`;
}

function value(chance: Chance, depth: number): string {
  if (depth < 4 && chance.below(3) === 0) {
    return chance.below(2) === 0 ? object(chance, depth) : `[${value(chance, depth + 1)}]`;
  }
  const odd = chance.below(30) === 0;
  const [first, ...others] = odd
    ? [...NEAR_NUMBERS, ...NEAR_STRINGS, ...WORDS]
    : [...NUMBERS.slice(0, 7), ...STRINGS, "true", "null", chance.pick(["1e400", "2"])];
  return chance.pick([first ?? "", ...others]);
}

/** Levels near the limit, some of them opened in texts only. */
function deep(chance: Chance): string {
  const levels = 55 + chance.below(20);
  const hiding = chance.below(2) === 0 ? ',"a":1' : "";
  return `{"[{":"\\"[",${space(chance)}"a":${"[".repeat(levels)}${"]".repeat(levels)}${hiding}}`;
}

function soup(chance: Chance): string {
  const tokens = [...NUMBERS, ...NEAR_NUMBERS, ...STRINGS, ...NEAR_STRINGS, ...WORDS];
  const all = [...tokens, ...Array.from("{}[]:,{}[]:,")];
  return Array.from({ length: chance.below(10) }, () => all[chance.below(all.length)]).join("");
}

function space(chance: Chance): string {
  return chance.pick(["", "", "", " ", "\n", "\t\r", chance.below(8) === 0 ? "\u00a0" : ""]);
}
