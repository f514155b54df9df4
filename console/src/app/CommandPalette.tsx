// Ctrl K: customers by name or phone, pages, actions; all by keyboard.
import { ArrowRightOutlined, MoonOutlined, PlusOutlined, SearchOutlined, TranslationOutlined, UserOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Modal } from 'antd';
import { useDeferredValue, useEffect, useId, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { kindsQuery, searchQuery } from '../api/queries.ts';
import { recordPath } from '../ui/RecordLink.tsx';
import { formatPhone } from '../ui/phone.ts';
import { useErrorText, useText } from '../ui/text.ts';
import { useNav } from './nav.tsx';
import { prefs } from '../ui/prefs.ts';

interface Entry {
  key: string;
  group: string;
  icon: ReactNode;
  title: string;
  hint?: string;
  run: () => void;
}

const matches = (title: string, typed: string) => title.toLowerCase().includes(typed.toLowerCase());

function useEntries(typed: string, go: (path: string, search?: object) => void): { entries: Entry[]; error: Error | null } {
  const { t } = useTranslation();
  const text = useText();
  const sections = useNav();
  const { data: kinds = [] } = useQuery(kindsQuery);
  const { data: hits = [], error } = useQuery(searchQuery(typed));
  const labelOf = (name: string) => text(kinds.find(({ kind }) => kind === name)?.label) || name;
  const found = typed
    ? hits.map((hit): Entry => ({
        key: `hit ${hit.id}`,
        group: t('palette.found'),
        icon: <UserOutlined />,
        title: hit.title,
        hint: [hit.kind === 'customer' ? '' : labelOf(hit.kind), hit.subtitle?.startsWith('+') ? formatPhone(hit.subtitle) : hit.subtitle].filter(Boolean).join(' · '),
        run: () => go(recordPath(hit.kind, hit.id)),
      }))
    : [];
  const pages = sections.flatMap((section) =>
    section.items.map((item): Entry => ({ key: `page ${item.path}`, group: t('palette.pages'), icon: <ArrowRightOutlined />, title: item.label, hint: section.label, run: () => go(item.path) })),
  );
  const actions: Entry[] = [
    { key: 'new', icon: <PlusOutlined />, title: t('customers.new'), run: () => go('/customers', { new: true }) },
    { key: 'mode', icon: <MoonOutlined />, title: t('palette.mode'), run: () => prefs.set({ mode: prefs.get().mode === 'dark' ? 'light' : 'dark' }) },
    { key: 'language', icon: <TranslationOutlined />, title: t('palette.language'), run: () => prefs.set({ locale: prefs.get().locale === 'en' ? 'zh-CN' : 'en' }) },
  ].map((entry) => ({ ...entry, group: t('palette.actions') }));
  return { entries: [...found, ...pages.filter(({ title }) => matches(title, typed)), ...actions.filter(({ title }) => matches(title, typed))], error };
}

function Palette({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const navigate = useNavigate();
  const [typed, setTyped] = useState('');
  const text = useDeferredValue(typed.trim());
  const [at, setAt] = useState(0);
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const go = (path: string, search?: object) => void navigate({ to: path, search: search ?? {} } as never);
  const { entries, error } = useEntries(text, go);
  const active = Math.min(at, entries.length - 1);
  const run = (entry: Entry | undefined) => {
    if (!entry) return;
    onClose();
    entry.run();
  };
  useEffect(() => {
    list.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' });
  }, [active]);
  const onKey = (event: KeyboardEvent) => {
    // Enter that ends a Chinese input method's composition chooses characters, not an entry.
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'ArrowDown') setAt(Math.min(active + 1, entries.length - 1));
    else if (event.key === 'ArrowUp') setAt(Math.max(active - 1, 0));
    else if (event.key === 'Enter') run(entries[active]);
    else return;
    event.preventDefault();
  };
  return (
    <div className="palette">
      <div className="palette-input">
        <SearchOutlined aria-hidden />
        <input
          role="combobox"
          aria-expanded
          aria-controls={`${id}-list`}
          aria-activedescendant={entries[active] ? `${id}-${active}` : undefined}
          aria-label={t('palette.open')}
          placeholder={t('palette.hint')}
          value={typed}
          autoFocus
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => { setTyped(event.target.value); setAt(0); }}
          onKeyDown={onKey}
        />
      </div>
      {error && text !== '' && <div className="palette-none input-error" role="alert">{errorText(error)}</div>}
      {entries.length === 0 && <div className="palette-none">{t('palette.none')}</div>}
      <div ref={list} id={`${id}-list`} role="listbox" aria-label={t('palette.open')} className="palette-list">
        {entries.map((entry, index) => (
          // Keys are handled by the input, as the combobox pattern has it.
          // oxlint-disable-next-line jsx-a11y/click-events-have-key-events
          <div
            key={entry.key}
            id={`${id}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === active}
            className="palette-entry"
            data-group={index === 0 || entries[index - 1]!.group !== entry.group ? entry.group : undefined}
            onMouseMove={() => setAt(index)}
            onClick={() => run(entry)}
          >
            <span className="palette-icon" aria-hidden="true">{entry.icon}</span>
            <span className="palette-title">{entry.title}</span>
            <span className="palette-hint">{entry.hint}</span>
          </div>
        ))}
      </div>
    </div>
  );
}

export function CommandPalette({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Modal open={open} onCancel={onClose} footer={null} closable={false} destroyOnHidden width={600} className="palette-modal" aria-label={t('palette.open')} style={{ top: 88 }}>
      <Palette onClose={onClose} />
    </Modal>
  );
}
