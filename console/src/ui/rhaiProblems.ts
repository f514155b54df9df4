// What the script engine says of a script, in Chinese: the cause and what to do about it. The place is told beside it.
import chinese from '../locales/rhai.json';

/** Patterns of our sentences and of the engine's own, each with what a dealer makes of it. `$1` is what stood in the first brackets. */
const CAUSES = [...chinese.causes, ...chinese.engine].map(([pattern, text]) => [new RegExp(pattern!, 'u'), text!] as const);

/** `line 3, column 5: …` as the server puts the place before the cause. */
const PLACE = /^line (\d+), column (\d+): /u;

export function problemText(message: string, locale: string): string {
  if (locale === 'en') return message;
  const place = PLACE.exec(message);
  const cause = place ? message.slice(place[0].length) : message;
  const known = CAUSES.find(([pattern]) => pattern.test(cause));
  const told = known ? cause.replace(...known) : cause;
  return place ? place[0].replace(PLACE, chinese.place) + told : told;
}
