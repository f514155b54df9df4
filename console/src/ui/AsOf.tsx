// A record as it was then, beside what has become of it since.
import { LeftOutlined, RightOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Alert, Button, Drawer, Slider } from 'antd';
import { useTranslation } from 'react-i18next';
import { asOfQuery, recordQuery } from '../api/queries.ts';
import type { Item, Kind } from '../api/types.ts';
import { compare } from './compare.ts';
import { FieldValue } from './FieldValue.tsx';
import { Failure, Loading } from './states.tsx';
import { useText } from './text.ts';
import { formatTime } from './time.ts';

type At = { rev: number } | { at: string };

function Values({ kind, then, now }: { kind: Kind; then: Item; now: Item | undefined }) {
  const { t } = useTranslation();
  const text = useText();
  const lines = compare(kind, then.data, now?.data ?? then.data).filter(({ field }) => !field.derived);
  const refs = { ...now?.refs, ...then.refs };
  return (
    <>
      <p className="muted">{t('history.differs', { n: lines.filter(({ isSame }) => !isSame).length })}</p>
      <table className="as-of">
        <thead><tr><th scope="col">{t('history.field')}</th><th scope="col">{t('history.then')}</th><th scope="col">{t('history.now')}</th></tr></thead>
        <tbody>
          {lines.map(({ name, field, a, b, isSame }) => (
            <tr key={name} className={isSame ? '' : 'as-of-differs'}>
              <th scope="row">{text(field.label)}</th>
              <td><FieldValue field={field} value={a} refs={refs} plain /></td>
              <td>{isSame ? <span className="muted">{t('history.same')}</span> : <FieldValue field={field} value={b} refs={refs} plain />}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

export function AsOf({ kind, id, at, newest, onAt, onClose }: { kind: Kind; id: string; at: At; newest: number; onAt: (at: At) => void; onClose: () => void }) {
  const { t } = useTranslation();
  const { data: then, error } = useQuery(asOfQuery(kind.kind, id, at));
  const { data: now } = useQuery(recordQuery(kind.kind, id));
  const rev = 'rev' in at ? at.rev : (then?.rev ?? newest);
  return (
    <Drawer open onClose={onClose} size={640} title={'at' in at ? t('history.was_at', { at: formatTime(at.at) }) : t('history.was_rev', { rev: at.rev })}>
      <div className="as-of-bar">
        <Button icon={<LeftOutlined />} disabled={rev <= 1} aria-label={t('history.earlier')} onClick={() => onAt({ rev: rev - 1 })} />
        <Slider className="as-of-slider" min={1} max={Math.max(newest, 2)} value={rev} onChange={(next) => onAt({ rev: Math.min(next, newest) })} ariaLabelForHandle={t('history.slider')} tooltip={{ formatter: (value) => t('history.revision', { rev: value ?? 1 }) }} />
        <Button icon={<RightOutlined />} disabled={rev >= newest} aria-label={t('history.later')} onClick={() => onAt({ rev: rev + 1 })} />
      </div>
      {error && !then ? <Failure error={error} /> : !then ? <Loading /> : (
        <>
          <Alert type="info" showIcon className="form-problems" title={t('history.reading', { rev: then.rev, at: formatTime(then.updated_at, 'seconds') })} />
          <Values kind={kind} then={then} now={now} />
        </>
      )}
    </Drawer>
  );
}
