// To the clipboard. Browsers keep theirs from pages without https, where dealers' first trials often run: there the old way is gone.
function oldWay(text: string): boolean {
  const area = document.createElement('textarea');
  area.value = text;
  area.readOnly = true;
  area.style.position = 'fixed';
  area.style.opacity = '0';
  // Inside the topmost dialog, which gives the focus to nothing outside of it.
  const host = [...document.querySelectorAll('[role="dialog"]')].at(-1) ?? document.body;
  host.append(area);
  area.select();
  try {
    return document.execCommand('copy');
  } finally {
    area.remove();
  }
}

/** Whether it is on the clipboard now. */
export async function copyText(text: string): Promise<boolean> {
  try {
    if (navigator.clipboard) {
      await navigator.clipboard.writeText(text);
      return true;
    }
  } catch {
    // Not allowed, or the page lost the focus meanwhile.
  }
  return oldWay(text);
}
