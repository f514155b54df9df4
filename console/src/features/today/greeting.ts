// The words a day begins with, by the clock of where somebody works.
export type Greeting = 'today.night' | 'today.morning' | 'today.noon' | 'today.afternoon' | 'today.evening';

export function greeting(hour: number): Greeting {
  if (hour < 5) return 'today.night';
  if (hour < 11) return 'today.morning';
  if (hour < 13) return 'today.noon';
  return hour < 18 ? 'today.afternoon' : 'today.evening';
}
