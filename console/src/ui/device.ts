// What a browser calls itself, in the few words a person knows it by.
const BROWSERS: [string, RegExp][] = [
  ['WeCom', /wxwork/iu],
  ['WeChat', /micromessenger/iu],
  ['Edge', /edg(?:a|ios)?\//iu],
  ['Firefox', /firefox|fxios/iu],
  ['Chrome', /chrome|crios/iu],
  ['Safari', /safari/iu],
];
const SYSTEMS: [string, RegExp][] = [
  ['iPhone', /iphone/iu],
  ['iPad', /ipad/iu],
  ['HarmonyOS', /harmony|openharmony/iu],
  ['Android', /android/iu],
  ['Windows', /windows/iu],
  ['macOS', /mac os x|macintosh/iu],
  ['Linux', /linux/iu],
];

/** `Chrome · Windows`; of a program its own name, of nothing nothing. */
export function deviceOf(agent: string | null): string | undefined {
  if (!agent) return undefined;
  const named = (names: [string, RegExp][]) => names.find(([, known]) => known.test(agent))?.[0];
  const parts = [named(BROWSERS), named(SYSTEMS)].filter(Boolean);
  return parts.length > 0 ? parts.join(' · ') : agent.split('/')[0]!.slice(0, 40);
}
