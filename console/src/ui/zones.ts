// Time zones to choose from, each with what its clocks are ahead of UTC just now.
export interface Zone {
  value: string;
  label: string;
}

function offsetOf(zone: string, at: Date): string {
  const parts = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' }).formatToParts(at);
  return (parts.find(({ type }) => type === 'timeZoneName')?.value ?? '').replace('GMT', 'UTC') || 'UTC';
}

/** Where most of our people are comes first. */
const FIRST = ['Asia/Shanghai', 'Asia/Urumqi', 'Asia/Hong_Kong', 'Asia/Taipei', 'Asia/Macau'];

export function zones(at: Date): Zone[] {
  const known = Intl.supportedValuesOf('timeZone');
  const names = [...FIRST, ...known.filter((name) => !FIRST.includes(name))];
  return names.map((value) => ({ value, label: `${value} (${offsetOf(value, at)})` }));
}
