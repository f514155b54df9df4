// Sizes of files as people read them.
const UNITS = ['B', 'KB', 'MB', 'GB'];

/** `1536` → `1.5 KB`; a thousand and twenty-four at a time, as file managers count. */
export function formatSize(bytes: number): string {
  let size = bytes;
  let unit = 0;
  while (size >= 1024 && unit < UNITS.length - 1) {
    size /= 1024;
    unit++;
  }
  return `${unit === 0 || size >= 100 ? Math.round(size) : Math.round(size * 10) / 10} ${UNITS[unit]}`;
}
