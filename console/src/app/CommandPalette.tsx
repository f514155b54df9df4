// Ctrl K: records by anything people know of them, pages, actions; all by keyboard.
import { ArrowRightOutlined, ClockCircleOutlined, FileTextOutlined, MoonOutlined, PlusOutlined, SearchOutlined, TranslationOutlined, UserOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { App, Modal } from 'antd';
import { useDeferredValue, useEffect, useId, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../api/client.ts';
import { kindsQuery, searchQuery } from '../api/queries.ts';
import type { SearchHit } from '../api/types.ts';
import { recordPath, RefTitle } from '../ui/RecordLink.tsx';
import { recent } from '../ui/recent.ts';
import { groupHits, hitHint } from '../ui/search.ts';
import { useErrorText, useText } from '../ui/text.ts';
import { useNav } from './nav.tsx';
import { prefs } from '../ui/prefs.ts';

interface Entry {
  key: string;
  group: string;
  icon: ReactNode;
  title: ReactNode;
  /** The field that was hit. */
  field?: string;
  hint?: string;
  run: () => void;
}

const has = (title: string, typed: string) => title.toLowerCase().includes(typed.toLowerCase());

/** A colleague's customer cannot be opened; the colleague can be told that somebody asks. */
function useAskAfter() {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const { modal, message } = App.useApp();
  return (hit: SearchHit) =>
    void modal.confirm({
      title: t('palette.theirs', { title: hit.title, name: hit.owner ?? t('palette.colleague') }),
      content: t('palette.theirs_hint'),
      okText: t('palette.notify'),
      cancelText: t('common.cancel'),
      onOk: async () => {
        try {
          await api.post(`/records/${encodeURIComponent(hit.kind)}/${encodeURIComponent(hit.id)}/notify`, {});
          message.success(t('palette.notified'));
        } catch (error) {
          message.error(errorText(error));
        }
      },
    });
}

function useEntries(typed: string, go: (path: string, search?: object) => void): { entries: Entry[]; error: Error | null } {
  const { t } = useTranslation();
  const text = useText();
  const askAfter = useAskAfter();
  const sections = useNav();
  const { data: kinds = [] } = useQuery(kindsQuery);
  const { data: hits = [], error } = useQuery(searchQuery(typed));
  const specOf = (name: string) => kinds.find(({ kind }) => kind === name);
  const labelOf = (name: string) => text(specOf(name)?.plural ?? specOf(name)?.label) || name;
  const iconOf = (kind: string) => (kind === 'customer' ? <UserOutlined /> : <FileTextOutlined />);
  const fieldOf = (kind: string, name: string) => text(specOf(kind)?.fields[name]?.label) || (name === 'pinyin' || name === 'initials' ? t('palette.pinyin') : name);
  const found = typed
    ? groupHits(hits).map((hit): Entry => ({
        key: `hit ${hit.kind} ${hit.id}`,
        group: labelOf(hit.kind),
        icon: iconOf(hit.kind),
        title: hit.title,
        // That a name was hit by its name need not be said.
        field: hit.field && hit.field !== specOf(hit.kind)?.title ? fieldOf(hit.kind, hit.field) : undefined,
        hint: hit.owner ? `${hitHint(hit)} · ${t('palette.owner', { name: hit.owner })}` : hitHint(hit),
        run: () => (hit.may_open === false ? askAfter(hit) : go(recordPath(hit.kind, hit.id))),
      }))
    : [];
  const [opened] = useState(recent);
  const again = typed
    ? []
    : opened.map(({ kind, id }): Entry => ({ key: `recent ${kind} ${id}`, group: t('palette.recent'), icon: <ClockCircleOutlined />, title: <RefTitle kind={kind} id={id} />, hint: text(specOf(kind)?.label), run: () => go(recordPath(kind, id)) }));
  const pages = sections.flatMap((section) =>
    section.items
      .filter(({ label }) => has(label, typed))
      .map((item): Entry => ({ key: `page ${item.path}`, group: t('palette.pages'), icon: <ArrowRightOutlined />, title: item.label, hint: section.label, run: () => go(item.path) })),
  );
  const actions: Entry[] = [
    { key: 'new', icon: <PlusOutlined />, title: t('customers.new'), run: () => go('/customers', { new: true }) },
    { key: 'mode', icon: <MoonOutlined />, title: t('palette.mode'), run: () => prefs.set({ mode: prefs.get().mode === 'dark' ? 'light' : 'dark' }) },
    { key: 'language', icon: <TranslationOutlined />, title: t('palette.language'), run: () => prefs.set({ locale: prefs.get().locale === 'en' ? 'zh-CN' : 'en' }) },
  ]
    .filter(({ title }) => has(title, typed))
    .map((entry) => ({ ...entry, group: t('palette.actions') }));
  return { entries: [...found, ...again, ...pages, ...actions], error };
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
            {entry.field && <span className="palette-field">{entry.field}</span>}
            <span className="palette-hint">{entry.hint}</span>
          </div>
        ))}
      </div>
      <p className="palette-tip">{t('palette.tip')}</p>
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
