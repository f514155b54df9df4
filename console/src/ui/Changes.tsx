// Changed fields, old value to new, with a way to ask why.
import { ArrowRightOutlined, QuestionCircleOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useKind } from '../api/queries.ts';
import type { Change, Field, Json, Receipt } from '../api/types.ts';
import { FieldValue } from './FieldValue.tsx';
import { Kept } from './Kept.tsx';
import { useText } from './text.ts';
import { changeLines, looseReceipts } from './timeline.ts';

const ReceiptDrawer = lazy(() => import('./Receipt.tsx').then(({ ReceiptDrawer }) => ({ default: ReceiptDrawer })));

const SHOWN = 5;

/** A field the kind no longer has, guessed from what it held. */
function guess(value: Json | undefined): Field {
  return { type: typeof value === 'number' ? 'decimal' : typeof value === 'boolean' ? 'bool' : typeof value === 'object' ? 'json' : 'text', label: '' };
}

export function Changes({ kind: name, record, changes, receipts = [] }: { kind: string; /** Whose changes, where there are receipts to ask about. */ record?: string; changes: Change[]; receipts?: Receipt[] }) {
  const { t } = useTranslation();
  const text = useText();
  const { data: kind } = useKind(name);
  const [all, setAll] = useState(false);
  const [receipt, setReceipt] = useState<Receipt>();
  const lines = changeLines(changes, receipts, kind);
  const loose = looseReceipts(receipts, lines);
  const shown = all ? lines : lines.slice(0, SHOWN);
  return (
    <>
      {shown.length > 0 && (
        <dl className="changes">
          {shown.map((line) => {
            const field = kind?.fields[line.field] ?? guess(line.new ?? line.old);
            return (
              <div key={line.field} className="change">
                <dt>{text(field.label) || line.field}</dt>
                <dd>
                  {line.sort === 'masked' && <Kept />}
                  {(line.sort === 'changed' || line.sort === 'cleared') && <del><FieldValue field={field} value={line.old} plain /></del>}
                  {line.sort === 'changed' && <ArrowRightOutlined className="muted" aria-label={t('timeline.became')} />}
                  {(line.sort === 'changed' || line.sort === 'set') && <ins><FieldValue field={field} value={line.new} plain /></ins>}
                  {line.sort === 'cleared' && <span className="muted">{t('timeline.cleared')}</span>}
                  {line.receipt && <WhyButton onClick={() => setReceipt(line.receipt)} />}
                </dd>
              </div>
            );
          })}
        </dl>
      )}
      {lines.length > SHOWN && (
        <Button type="link" size="small" className="changes-more" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? t('timeline.fewer') : t('timeline.more', { n: lines.length - SHOWN })}
        </Button>
      )}
      {loose.length > 0 && (
        <div className="loose-receipts">
          {loose.map((each) => (
            <div key={each.id}>
              <span className="muted">{each.reasons[0] ?? each.point}</span> <WhyButton onClick={() => setReceipt(each)} />
            </div>
          ))}
        </div>
      )}
      {receipt && <Suspense><ReceiptDrawer receipt={receipt} kind={kind} of={record && receipt.field ? { kind: name, id: record, field: receipt.field } : undefined} onClose={() => setReceipt(undefined)} /></Suspense>}
    </>
  );
}

export function WhyButton({ onClick }: { onClick: () => void }) {
  const { t } = useTranslation();
  return (
    <Button type="link" size="small" className="why" icon={<QuestionCircleOutlined />} onClick={onClick}>
      {t('why.ask')}
    </Button>
  );
}
