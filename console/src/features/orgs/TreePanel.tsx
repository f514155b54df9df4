// The tree on the left: opened by its arrows, searched by name, code or city.
import { CaretDownOutlined, CaretRightOutlined, SearchOutlined } from '@ant-design/icons';
import { Link } from '@tanstack/react-router';
import { Input } from 'antd';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Kind } from '../../api/types.ts';
import { FieldValue } from '../../ui/FieldValue.tsx';
import { Nothing } from '../../ui/states.tsx';
import { useText } from '../../ui/text.ts';
import { hasChildren, openAtFirst, visibleRows, type OrgNode } from './tree.ts';

function Row({ node, isParent, isOpen, isActive, kind, onToggle }: { node: OrgNode; isParent: boolean; isOpen: boolean; isActive: boolean; kind: Kind; onToggle: () => void }) {
  const { t } = useTranslation();
  const text = useText();
  const type = kind.fields.type?.values?.find(({ value }) => value === node.type);
  return (
    <li className={`org-row ${isActive ? 'org-active' : ''}`} style={{ paddingInlineStart: 8 + node.depth * 20 }}>
      {isParent ? (
        <button type="button" className="org-toggle" aria-expanded={isOpen} aria-label={t(isOpen ? 'orgs.collapse' : 'orgs.expand', { name: node.name })} onClick={onToggle}>
          {isOpen ? <CaretDownOutlined aria-hidden /> : <CaretRightOutlined aria-hidden />}
        </button>
      ) : <span className="org-toggle" aria-hidden />}
      <Link to="/orgs" search={{ id: node.id }} className="org-link" aria-current={isActive ? 'true' : undefined}>
        <span className="org-name">{node.name}</span>
        <span className="org-facts">
          <span>{type ? text(type.label) : node.type}</span>
          {node.n_people > 0 && <span className="number">{t('orgs.people', { n: node.n_people })}</span>}
          {node.status !== 'active' && kind.fields.status && <FieldValue field={kind.fields.status} value={node.status} plain />}
        </span>
      </Link>
    </li>
  );
}

export function TreePanel({ nodes, kind, active }: { nodes: OrgNode[]; kind: Kind; active: string | undefined }) {
  const { t } = useTranslation();
  const [words, setWords] = useState('');
  const [toggled, setToggled] = useState<Set<string>>();
  const open = useMemo(() => toggled ?? openAtFirst(nodes), [toggled, nodes]);
  const rows = useMemo(() => visibleRows(nodes, open, words), [nodes, open, words]);
  const toggle = (id: string) => {
    const next = new Set(open);
    if (!next.delete(id)) next.add(id);
    setToggled(next);
  };
  return (
    <>
      <div className="org-search">
        <Input type="search" allowClear prefix={<SearchOutlined className="muted" />} aria-label={t('orgs.search')} placeholder={t('orgs.search')} value={words} onChange={(event) => setWords(event.target.value)} />
      </div>
      {rows.length === 0 ? <Nothing title={t('list.no_match')} /> : (
        <ul className="org-tree" aria-label={t('nav.orgs')}>
          {rows.map((at) => {
            const node = nodes[at]!;
            return <Row key={node.id} node={node} kind={kind} isParent={hasChildren(nodes, at)} isOpen={words.trim() !== '' || open.has(node.id)} isActive={node.id === active} onToggle={() => toggle(node.id)} />;
          })}
        </ul>
      )}
    </>
  );
}
