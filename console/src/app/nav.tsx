// What the side menu and the palette lead to: the core's pages and the views plugins bring.
import { ApartmentOutlined, ApiOutlined, AuditOutlined, CloudUploadOutlined, CodeOutlined, DatabaseOutlined, FieldTimeOutlined, FileSearchOutlined, HistoryOutlined, HomeOutlined, IdcardOutlined, MergeCellsOutlined, MessageOutlined, PhoneOutlined, PieChartOutlined, SafetyCertificateOutlined, SafetyOutlined, SendOutlined, SnippetsOutlined, TeamOutlined, UsergroupAddOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { hasPower, mayDo } from '../api/may.ts';
import { screensQuery, sessionQuery } from '../api/queries.ts';
import { navEntries } from '../descriptor/views.ts';
import { iconOf } from '../ui/icons.tsx';
import { useText } from '../ui/text.ts';

export interface NavItem {
  path: string;
  label: string;
  icon: ReactNode;
  /** Keys that lead there. */
  keys?: string;
  /** A kind one has to see for the page to be of use. */
  kind?: string;
  /** A power one has to have. */
  power?: string;
}

export interface NavSection {
  key: string;
  label: string;
  items: NavItem[];
}

/** Whoever has none of these is not shown how the house is kept. The server decides all the same. */
const HOUSE = ['house.shape', 'audit.read', 'contact.settle', 'retention.see', 'records.export', 'segments.keep'];

const KNOWN_SECTIONS = ['sales', 'service', 'care', 'marketing', 'work', 'reports'] as const;
type KnownSection = (typeof KNOWN_SECTIONS)[number];

export function useNav(): NavSection[] {
  const { t } = useTranslation();
  const text = useText();
  const { data: docs = [] } = useQuery(screensQuery);
  const { data: session } = useQuery(sessionQuery);
  const keeps = hasPower(session, ...HOUSE);
  // Without a word on rights everything is shown; a page may always refuse.
  const isOpen = ({ kind, power }: NavItem) => (kind === undefined || !session?.rights || mayDo(session, kind, 'read')) && (power === undefined || hasPower(session, power));
  const bySection = new Map<string, NavItem[]>();
  for (const entry of navEntries(docs)) {
    const key = KNOWN_SECTIONS.includes(entry.section as KnownSection) ? entry.section! : 'plugins';
    const items = bySection.get(key) ?? [];
    items.push({ path: `/views/${entry.plugin}/${entry.view}`, label: text(entry.label), icon: iconOf(entry.icon), kind: entry.kind });
    bySection.set(key, items);
  }
  const brought = [...KNOWN_SECTIONS, 'plugins' as const].flatMap((key) => {
    const items = bySection.get(key);
    return items ? [{ key, label: t(`nav.section.${key}`), items }] : [];
  });
  const all: NavSection[] = [
    { key: 'today', label: '', items: [{ path: '/today', label: t('nav.today'), icon: <HomeOutlined />, keys: 'g t' }] },
    { key: 'customers', label: t('nav.section.customers'), items: [
      { path: '/customers', label: t('nav.customers'), icon: <TeamOutlined />, keys: 'g c' },
      { path: '/segments', label: t('nav.segments'), icon: <PieChartOutlined />, keys: 'g s' },
      { path: '/reviews', label: t('nav.reviews'), icon: <MergeCellsOutlined />, kind: 'review' },
      { path: '/messages', label: t('nav.messages'), icon: <MessageOutlined />, kind: 'message' },
      { path: '/requests', label: t('nav.requests'), icon: <SafetyOutlined />, kind: 'data_request' },
      { path: '/imports', label: t('nav.imports'), icon: <CloudUploadOutlined />, keys: 'g i' },
    ] },
    ...brought,
    ...(keeps ? [{ key: 'admin', label: t('nav.section.admin'), items: [
      { path: '/jobs', label: t('nav.jobs'), icon: <HistoryOutlined /> },
      { path: '/kinds', label: t('nav.kinds'), icon: <DatabaseOutlined />, power: 'house.shape' },
      { path: '/scripts', label: t('nav.scripts'), icon: <CodeOutlined />, power: 'house.shape' },
      { path: '/plugins', label: t('nav.plugins'), icon: <ApiOutlined />, keys: 'g p' },
    ] }, { key: 'house', label: t('nav.section.house'), items: [
      { path: '/orgs', label: t('nav.orgs'), icon: <ApartmentOutlined /> },
      { path: '/people', label: t('nav.users'), icon: <IdcardOutlined /> },
      { path: '/teams', label: t('nav.teams'), icon: <UsergroupAddOutlined /> },
      { path: '/roles', label: t('nav.roles'), icon: <SafetyCertificateOutlined />, kind: 'role' },
      { path: '/approvals', label: t('nav.approvals'), icon: <AuditOutlined />, keys: 'g a', power: 'records.export' },
      { path: '/audit', label: t('nav.audit'), icon: <FileSearchOutlined />, power: 'audit.read' },
      { path: '/policy', label: t('nav.policy'), icon: <PhoneOutlined /> },
      { path: '/templates', label: t('nav.templates'), icon: <SnippetsOutlined />, kind: 'template' },
      { path: '/webhooks', label: t('nav.webhooks'), icon: <SendOutlined />, power: 'house.shape' },
      { path: '/retention', label: t('nav.retention'), icon: <FieldTimeOutlined />, power: 'retention.see' },
    ] }] : []),
  ];
  return all.map((section) => ({ ...section, items: section.items.filter(isOpen) })).filter(({ items }) => items.length > 0);
}

/** The entry a page belongs to: the longest path that begins its address. */
export function activePath(sections: NavSection[], pathname: string): string | undefined {
  return sections
    .flatMap((section) => section.items.map(({ path }) => path))
    .filter((path) => pathname === path || pathname.startsWith(`${path}/`))
    .sort((a, b) => b.length - a.length)[0];
}
