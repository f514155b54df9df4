// Row faults as a file a dealer can open in a spreadsheet.
import type { RowFault } from './types.ts';

/** A cell as CSV. A leading `=`, `+`, `-` or `@` would be run as a formula by spreadsheets, so it is quoted away. */
function cell(value: string | number | null): string {
  const text = value === null ? '' : String(value);
  const safe = /^[=+\-@\t\r]/u.test(text) ? `'${text}` : text;
  return /[",\n\r]/u.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** With a byte order mark: without one, spreadsheets read Chinese as something else. */
export function faultsCsv(head: [string, string, string], faults: RowFault[], labelOf: (field: string) => string, textOf: (fault: RowFault) => string): string {
  const lines = faults.map((fault) => [fault.row, fault.field ? labelOf(fault.field) : '', textOf(fault)]);
  return `\uFEFF${[head, ...lines].map((line) => line.map(cell).join(',')).join('\r\n')}\r\n`;
}

export function download(name: string, content: string) {
  const address = URL.createObjectURL(new Blob([content], { type: 'text/csv;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}
