// Keys that do something: one listener, a list of what holds on this page, and the sheet that tells of them.
import { Modal } from 'antd';
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { undoLast } from './undo.tsx';

interface Entry {
  /** One key, or two after each other: `n`, `g c`. */
  keys: string;
  label: string;
  run: () => void;
}

let entries: Entry[] = [];
const listeners = new Set<() => void>();
const told = () => listeners.forEach((each) => each());

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

const useEntries = () => useSyncExternalStore(subscribe, () => entries);

/** A key that holds for as long as this is on the page; the last one registered wins. */
export function Shortcut({ keys, label, run }: { keys: string | undefined; label: string; run: () => void }) {
  const latest = useRef(run);
  useEffect(() => {
    latest.current = run;
  });
  useEffect(() => {
    if (!keys) return undefined;
    const entry: Entry = { keys, label, run: () => latest.current() };
    entries = [...entries, entry];
    told();
    return () => {
      entries = entries.filter((each) => each !== entry);
      told();
    };
  }, [keys, label]);
  return null;
}

let showKeys: (isOpen: boolean) => void = () => {};

/** Opens the sheet, for those who do not know its key. */
export const openKeys = () => showKeys(true);

/** Whether a key was meant for what is being typed in, or for something that lies over the page. */
function isTaken(event: KeyboardEvent): boolean {
  const target = event.target as HTMLElement | null;
  if (target?.closest('input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable=true], .cm-editor')) return true;
  return document.querySelector('.ant-modal-wrap:not([style*="display: none"]), .ant-drawer-open') !== null;
}

/** Two keys after each other belong together for this long. */
const PAIR_MS = 1_200;

function Sheet({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const known = useEntries();
  const shown = known.filter((entry, index) => known.findIndex(({ keys }) => keys === entry.keys) === index);
  const fixed: [string, string][] = [['Ctrl K', t('keys.palette')], ['Ctrl Enter', t('keys.send')], ['Ctrl Z', t('keys.undo')], ['Esc', t('keys.close')], ['?', t('keys.help')]];
  return (
    <Modal open onCancel={onClose} footer={null} title={t('keys.title')} width={520}>
      <dl className="keys">
        {[...fixed, ...shown.map(({ keys, label }): [string, string] => [keys.toUpperCase(), label])].map(([keys, label]) => (
          <div key={`${keys} ${label}`}><dt>{keys.split(' ').map((key) => <kbd key={key}>{key}</kbd>)}</dt><dd>{label}</dd></div>
        ))}
      </dl>
    </Modal>
  );
}

/** Listens for all of them; stands once, in the frame. */
export function Shortcuts() {
  const [isOpen, setOpen] = useState(false);
  useEffect(() => {
    showKeys = setOpen;
    let first = '';
    let at = 0;
    const listen = (event: KeyboardEvent) => {
      if (event.isComposing || event.altKey || isTaken(event)) return;
      if (event.ctrlKey || event.metaKey) {
        if (event.key.toLowerCase() === 'z' && !event.shiftKey && undoLast()) event.preventDefault();
        return;
      }
      if (event.key === '?') return setOpen(true);
      const key = event.key.toLowerCase();
      const pair = Date.now() - at < PAIR_MS ? `${first} ${key}` : '';
      const found = entries.findLast(({ keys }) => keys === pair) ?? entries.findLast(({ keys }) => keys === key);
      first = key;
      at = Date.now();
      if (!found) return;
      event.preventDefault();
      found.run();
    };
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, []);
  return isOpen ? <Sheet onClose={() => setOpen(false)} /> : null;
}
