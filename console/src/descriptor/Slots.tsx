// What plugins add to a page of the core: cards, banners, buttons.
import { useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { lazy, Suspense, useState } from 'react';
import { screensQuery, sessionQuery, useKind, useUser } from '../api/queries.ts';
import type { Text } from '../api/types.ts';
import { Shortcut } from '../ui/shortcuts.tsx';
import { useText } from '../ui/text.ts';
import { FormDrawer, type Subject } from './actions.tsx';
import { ViewBoundary } from './boundary.tsx';
import type { FormSpec } from './types.ts';
import { findView, offeredActions, slotViews, type SlotView } from './views.ts';

// The page stands before what plugins add to it.
const PluginView = lazy(() => import('./PluginView.tsx').then(({ PluginView }) => ({ default: PluginView })));
const BannerView = lazy(() => import('./PluginView.tsx').then(({ BannerView }) => ({ default: BannerView })));

const keyOf = ({ doc, view }: SlotView) => `${doc.plugin}:${view}`;

export function useSlot(slot: string) {
  const { data: docs = [] } = useQuery(screensQuery);
  const { data: session } = useQuery(sessionQuery);
  return slotViews(docs, slot, session?.user.roles ?? []);
}

export function SlotCards({ slot, subject }: { slot: string; subject?: Subject }) {
  return useSlot(slot).map((each) => <Suspense key={keyOf(each)}><PluginView doc={each.doc} name={each.view} subject={subject} panel /></Suspense>);
}

export function SlotBanners({ slot, subject }: { slot: string; subject: Subject }) {
  return useSlot(slot).map((each) => <Suspense key={keyOf(each)}><BannerView doc={each.doc} name={each.view} subject={subject} /></Suspense>);
}

function SlotButton({ spec, subject, title, shortcut }: { spec: FormSpec; subject: Subject; title: Text | undefined; shortcut?: string }) {
  const text = useText();
  const user = useUser();
  const [open, setOpen] = useState(false);
  const { data: kind } = useKind(spec.kind);
  const action = kind && spec.action ? offeredActions(kind, undefined, user?.roles ?? []).find(({ name }) => name === spec.action) : undefined;
  if (!kind || (spec.action && !action)) return null;
  const label = title ?? action?.label ?? kind.label;
  return (
    <>
      <Shortcut keys={shortcut} label={text(label)} run={() => setOpen(true)} />
      <Button type={spec.quick ? 'primary' : 'default'} onClick={() => setOpen(true)} aria-keyshortcuts={shortcut?.toUpperCase()}>{text(label)}</Button>
      <FormDrawer title={label} spec={spec} subject={subject} open={open} onClose={() => setOpen(false)} />
    </>
  );
}

export function SlotActions({ slot, subject }: { slot: string; subject: Subject }) {
  const isQuick = ({ doc, view }: SlotView) => { const found = findView(doc, view); return found.sort === 'form' && found.spec.quick !== undefined; };
  return useSlot(slot).sort((a, b) => Number(isQuick(b)) - Number(isQuick(a))).map((each) => {
    const found = findView(each.doc, each.view);
    return found.sort === 'form' ? <ViewBoundary key={keyOf(each)} doc={each.doc}><SlotButton spec={found.spec} subject={subject} title={found.spec.title} shortcut={each.key} /></ViewBoundary> : null;
  });
}
