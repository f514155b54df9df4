// Deciding a merge: compare, choose, see what it would do, do exactly that.
import { SwapOutlined } from '@ant-design/icons';
import { Alert, Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { titleOf } from '../../api/kind.ts';
import { ApiError } from '../../api/client.ts';
import type { DryRun, Item, Kind } from '../../api/types.ts';
import { WhyInput } from '../../ui/Doubt.tsx';
import { DryRunView } from '../../ui/DryRun.tsx';
import { FieldValue } from '../../ui/FieldValue.tsx';
import { errorText, faultText, useText } from '../../ui/text.ts';
import { Along } from './Along.tsx';
import { Comparison } from './Comparison.tsx';
import { mergeLines, standing } from './merging.ts';
import { useRefreshAll, type Choices } from './queries.ts';
import type { MergeReply } from './types.ts';

export interface Decision {
  choose: Choices;
  why: string;
}

interface Props {
  kind: Kind;
  /** Who stays. */
  a: Item;
  b: Item;
  rehearse: (decision: Decision) => Promise<DryRun>;
  apply: (decision: Decision, preview: string | undefined) => Promise<MergeReply | undefined>;
  onSwap: () => void;
  onDone: (reply: MergeReply | undefined) => void;
}

/** Of the fields in which the two differ, which values stay and which go. */
function Survivors({ kind, reply }: { kind: Kind; reply: Partial<MergeReply> | undefined }) {
  const { t } = useTranslation();
  const text = useText();
  const names = Object.keys(kind.fields).filter((name) => reply?.kept?.[name] != null || reply?.lost?.[name] != null);
  if (names.length === 0) return null;
  return (
    <section className="along">
      <h3>{t('merge.result')}</h3>
      <dl className="values">
        {names.map((name) => {
          const field = kind.fields[name]!;
          return (
            <div key={name}>
              <dt>{text(field.label)}</dt>
              <dd><FieldValue field={field} value={reply?.kept?.[name]} plain /> {reply?.lost?.[name] != null && <span className="muted">{t('merge.goes')} <del><FieldValue field={field} value={reply.lost[name]} plain /></del></span>}</dd>
            </div>
          );
        })}
      </dl>
    </section>
  );
}

export function MergeDesk({ kind, a, b, rehearse, apply, onSwap, onDone }: Props) {
  const { t, i18n } = useTranslation();
  const refresh = useRefreshAll();
  const [choose, setChoose] = useState<Choices>({});
  const [why, setWhy] = useState('');
  const [run, setRun] = useState<DryRun>();
  const [busy, setBusy] = useState<'rehearse' | 'apply'>();
  const [problems, setProblems] = useState<string[]>([]);
  const decision = { choose: standing(choose, mergeLines(kind, a, b).contested), why };
  async function work(what: 'rehearse' | 'apply') {
    setBusy(what);
    setProblems([]);
    try {
      if (what === 'rehearse') setRun(await rehearse(decision));
      else {
        const reply = await apply(decision, run?.preview);
        void refresh();
        onDone(reply);
      }
    } catch (error) {
      // What was shown no longer holds: it is looked at again before anything is done.
      setRun(undefined);
      const places = error instanceof ApiError ? error.errors.map((each) => faultText(each, i18n.language)) : [];
      setProblems([...new Set([errorText(error, i18n.language), ...places])]);
    } finally {
      setBusy(undefined);
    }
  }
  const title = (item: Item) => titleOf(kind, item);
  return (
    <div className="merge-desk">
      <div className="merge-head">
        <p>{t('merge.survivor', { name: title(a) })}</p>
        <Button icon={<SwapOutlined />} onClick={() => { setChoose({}); setRun(undefined); onSwap(); }}>{t('merge.swap', { name: title(b) })}</Button>
      </div>
      <Comparison kind={kind} a={a} b={b} choose={choose} onChoose={(next) => { setChoose(next); setRun(undefined); }} />
      <Along id={b.id} />
      <div className="form-problems"><WhyInput value={why} onChange={(next) => { setWhy(next); setRun(undefined); }} /></div>
      {problems.length > 0 && <Alert type="error" showIcon className="form-problems" title={problems[0]} description={problems.length > 1 ? <ul className="plain-list">{problems.slice(1).map((each) => <li key={each}>{each}</li>)}</ul> : undefined} />}
      {run && run.faults.length === 0 && <Survivors kind={kind} reply={run.reply as Partial<MergeReply> | undefined} />}
      {run && <DryRunView run={run} />}
      <p className="muted">{t('merge.undo_hint')}</p>
      <div className="form-buttons">
        <Button type={run ? 'default' : 'primary'} loading={busy === 'rehearse'} onClick={() => void work('rehearse')}>{t('merge.preview')}</Button>
        <Button type="primary" disabled={!run || run.faults.length > 0} loading={busy === 'apply'} onClick={() => void work('apply')}>{t('merge.apply')}</Button>
      </div>
    </div>
  );
}
