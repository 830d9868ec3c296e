/**
 * How one side of a pairing ends it for both: a step of one byte, which no other step can be. The server, which
 * hands it on, could make one up; it could withhold any other step as well.
 */

/** Why somebody has ended a pairing. */
export const Ending = { calledOff: 1, differ: 2 } as const;
export type Ending = (typeof Ending)[keyof typeof Ending];

/** The last step that the server takes. */
export const LAST_STEP = 9;

const TOLD =
  "Nothing was confirmed; begin another pairing, and if they differ again, somebody stands between you.";
export const OWN_WORDS: Readonly<Record<Ending, string>> = {
  [Ending.calledOff]: "You have called the pairing off.",
  [Ending.differ]: `You have said that the digits differ. ${TOLD}`,
};
export const THEIR_WORDS: Readonly<Record<Ending, string>> = {
  [Ending.calledOff]: "The other side has called the pairing off.",
  [Ending.differ]: `The other side says that the digits differ. ${TOLD}`,
};

/** The bodies of the steps that say so: the one byte, as base64url. */
export const ENDINGS: Readonly<Record<Ending, string>> = {
  [Ending.calledOff]: "AQ",
  [Ending.differ]: "Ag",
};

/** What a step's body ends the pairing for; undefined if it is another step. */
export function endingOf(body: string): Ending | undefined {
  return Object.values(Ending).find((each) => ENDINGS[each] === body);
}
