// Two customers side by side, with a choice for every field in which they differ.
import { Radio } from 'antd';
import { useTranslation } from 'react-i18next';
import { titleOf } from '../../api/kind.ts';
import type { Item, Kind } from '../../api/types.ts';
import type { Line } from '../../ui/compare.ts';
import { FieldValue } from '../../ui/FieldValue.tsx';
import { useText } from '../../ui/text.ts';
import { formatTime } from '../../ui/time.ts';
import { mergeLines } from './merging.ts';
import type { Choices, Side } from './queries.ts';

interface Props {
  kind: Kind;
  a: Item;
  b: Item;
  choose: Choices;
  onChoose: (choose: Choices) => void;
}

type Choice = Side | 'auto';

function Contested({ line, a, b, choice, onChoice }: { line: Line; a: Item; b: Item; choice: Choice; onChoice: (choice: Choice) => void }) {
  const { t } = useTranslation();
  const text = useText();
  const label = text(line.field.label);
  const radio = (value: Choice, content: React.ReactNode, name: string) => (
    <Radio name={`choose-${line.name}`} checked={choice === value} onChange={() => onChoice(value)} aria-label={t('merge.choose', { label, side: name })}>{content}</Radio>
  );
  return (
    <tr className="merge-contested">
      <th scope="row">{label}</th>
      <td className={choice === 'this' ? 'merge-taken' : ''}>{radio('this', <FieldValue field={line.field} value={line.a} refs={a.refs} plain />, t('merge.this'))}</td>
      <td className={choice === 'other' ? 'merge-taken' : ''}>{radio('other', <FieldValue field={line.field} value={line.b} refs={b.refs} plain />, t('merge.other'))}</td>
      <td className={choice === 'auto' ? 'merge-taken' : ''}>{radio('auto', t('merge.auto'), t('merge.auto'))}</td>
    </tr>
  );
}

function Plain({ line, a, b }: { line: Line; a: Item; b: Item }) {
  const text = useText();
  return (
    <tr>
      <th scope="row">{text(line.field.label)}</th>
      <td><FieldValue field={line.field} value={line.a} refs={a.refs} plain /></td>
      <td colSpan={2}><FieldValue field={line.field} value={line.b} refs={b.refs} plain /></td>
    </tr>
  );
}

export function Comparison({ kind, a, b, choose, onChoose }: Props) {
  const { t } = useTranslation();
  const { contested, added, same } = mergeLines(kind, a, b);
  const set = (name: string, choice: Choice) => {
    const { [name]: _old, ...rest } = choose;
    onChoose(choice === 'auto' ? rest : { ...rest, [name]: choice });
  };
  return (
    <div className="merge-scroll" tabIndex={-1}>
      <table className="merge-table">
        <thead>
          <tr>
            <th scope="col">{t('history.field')}</th>
            <th scope="col">{t('merge.this')}<strong>{titleOf(kind, a)}</strong><span className="muted">{t('merge.since', { at: formatTime(a.created_at, 'date') })}</span></th>
            <th scope="col">{t('merge.other')}<strong>{titleOf(kind, b)}</strong><span className="muted">{t('merge.since', { at: formatTime(b.created_at, 'date') })}</span></th>
            <th scope="col">{t('merge.auto')}<span className="muted">{t('merge.auto_hint')}</span></th>
          </tr>
        </thead>
        {contested.length > 0 && (
          <tbody>
            <tr><th scope="rowgroup" colSpan={4} className="merge-part">{t('merge.contested', { n: contested.length })}</th></tr>
            {contested.map((line) => <Contested key={line.name} line={line} a={a} b={b} choice={choose[line.name] ?? 'auto'} onChoice={(choice) => set(line.name, choice)} />)}
          </tbody>
        )}
        {added.length > 0 && (
          <tbody>
            <tr><th scope="rowgroup" colSpan={4} className="merge-part">{t('merge.added')}</th></tr>
            {added.map((line) => <Plain key={line.name} line={line} a={a} b={b} />)}
          </tbody>
        )}
        {same.length > 0 && (
          <tbody className="merge-same">
            <tr><th scope="rowgroup" colSpan={4} className="merge-part">{t('merge.same')}</th></tr>
            {same.map((line) => <Plain key={line.name} line={line} a={a} b={b} />)}
          </tbody>
        )}
      </table>
    </div>
  );
}
