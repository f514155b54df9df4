// Decided again: the same rule, input and time as then, and whether it still comes to the same.
import { RedoOutlined } from '@ant-design/icons';
import { useMutation } from '@tanstack/react-query';
import { Alert, Button } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { decideAgain } from '../api/queries.ts';
import type { Again as Outcome, Json, Kind, Receipt } from '../api/types.ts';
import { cannot, sides } from './again.ts';
import { problemText } from './rhaiProblems.ts';
import { Scroll } from './Scroll.tsx';
import { useErrorText, useText } from './text.ts';
import { Tone } from './Tone.tsx';

/** Whose value a receipt explains. */
export interface Explained {
  kind: string;
  id: string;
  field: string;
}

interface Props {
  of: Explained;
  receipt: Receipt;
  kind: Kind | undefined;
  draw: (value: Json, name: string) => ReactNode;
}

const TYPES = { same: 'success', other: 'warning', none: 'info' } as const;

function Verdict({ outcome }: { outcome: Outcome }) {
  const { t, i18n } = useTranslation();
  const how = outcome.is_same === null ? 'none' : outcome.is_same ? 'same' : 'other';
  const known = cannot(outcome.why);
  // A rule that stumbles today answered then: that is a difference too.
  const why = how === 'none' ? (known ? t(known) : outcome.why) : how === 'other' ? (outcome.why ? problemText(outcome.why, i18n.language) : t('again.other_why')) : t('again.same_why');
  return <Alert type={TYPES[how]} showIcon title={t(`again.${how}`)} description={why} />;
}

export function Again({ of, receipt, kind, draw }: Props) {
  const { t } = useTranslation();
  const text = useText();
  const errorText = useErrorText();
  const ask = useMutation({ mutationFn: () => decideAgain(of.kind, of.id, of.field) });
  const outcome = ask.data?.again;
  const isNewer = ask.data !== undefined && ask.data.id !== receipt.id;
  return (
    <section aria-label={t('again.title')}>
      <h3>{t('again.title')}</h3>
      <p className="muted">{t('again.hint')}</p>
      <Button icon={<RedoOutlined />} loading={ask.isPending} onClick={() => ask.mutate()}>{t('again.ask')}</Button>
      <div className="again" role="status">
        {ask.error && <Alert type="error" showIcon title={errorText(ask.error)} />}
        {isNewer && <Alert type="info" showIcon title={t('again.newer')} />}
        {outcome && <Verdict outcome={outcome} />}
        {outcome?.output !== undefined && ask.data && (
          <Scroll label={t('again.beside')} className="plane-scroll">
            <table className="again-sides">
              <thead><tr><th scope="col"><span className="visually-hidden">{t('again.part')}</span></th><th scope="col">{t('again.then')}</th><th scope="col">{t('again.now')}</th></tr></thead>
              <tbody>
                {sides(ask.data.output, outcome.output).map((side) => (
                  <tr key={side.name} className={side.isSame ? '' : 'again-differs'}>
                    <th scope="row">{side.name === 'reasons' ? t('why.reasons') : side.name ? text(kind?.fields[side.name]?.label) || side.name : text(kind?.fields[of.field]?.label) || of.field} {!side.isSame && <Tone tone="warn">{t('again.differs')}</Tone>}</th>
                    <td>{side.before === undefined ? '–' : draw(side.before, side.name || of.field)}</td>
                    <td>{side.again === undefined ? '–' : draw(side.again, side.name || of.field)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Scroll>
        )}
      </div>
    </section>
  );
}
