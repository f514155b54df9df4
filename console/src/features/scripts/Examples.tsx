// Examples: for this input that must come out. Run at every check and before every publication.
import { CheckCircleFilled, CloseCircleFilled, DeleteOutlined, PlusOutlined } from '@ant-design/icons';
import { Button, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import type { Json, Schema } from '../../api/types.ts';
import { problemText } from '../../ui/rhaiProblems.ts';
import { JsonEditor } from './JsonEditor.tsx';
import type { CheckResult, ScriptExample } from './types.ts';
import { Pre } from '../../ui/Pre.tsx';

/** An input of the right shape to begin an example with. */
export function blank(schema: Schema | null | undefined): Json {
  const samples: Record<string, Json> = { string: '', integer: 0, number: 0, boolean: false, array: [], object: {} };
  return Object.fromEntries(Object.entries(schema?.properties ?? {}).map(([name, part]) => [name, part.default ?? part.enum?.[0] ?? samples[String(part.type)] ?? null]));
}

type Outcome = CheckResult['examples'][number];

function Result({ outcome }: { outcome: Outcome }) {
  const { t, i18n } = useTranslation();
  return (
    <div className={`example-result ${outcome.ok ? 'good-text' : 'bad-text'}`} role="status">
      {outcome.ok ? <CheckCircleFilled aria-hidden /> : <CloseCircleFilled aria-hidden />} {outcome.ok ? t('scripts.example_ok') : problemText(outcome.message ?? '', i18n.language) || t('scripts.example_wrong')}
      {outcome.got != null && <Pre>{JSON.stringify(outcome.got, null, 2)}</Pre>}
    </div>
  );
}

interface Props {
  examples: ScriptExample[];
  onChange: (examples: ScriptExample[]) => void;
  results: Outcome[] | undefined;
  /** What a new example's input begins with. */
  sample: Json;
}

export function Examples({ examples, onChange, results, sample }: Props) {
  const { t } = useTranslation();
  // The point's own example runs first and carries no name.
  const own = results?.find((each) => each.name === '');
  const set = (index: number, change: Partial<ScriptExample>) => onChange(examples.map((each, at) => (at === index ? { ...each, ...change } : each)));
  return (
    <div className="examples">
      <p className="muted">{t('scripts.examples_hint')}</p>
      {own && <section className="example"><h3>{t('scripts.own_example')}</h3><Result outcome={own} /></section>}
      {examples.map((example, index) => {
        const outcome = results?.find((each) => each.name !== '' && each.name === example.name);
        return (
          <section key={index} className="example">
            <div className="example-head">
              <Input aria-label={t('scripts.example_name')} placeholder={t('scripts.example_name')} value={example.name} onChange={(event) => set(index, { name: event.target.value })} />
              <Button icon={<DeleteOutlined />} aria-label={t('scripts.remove_example', { name: example.name })} onClick={() => onChange(examples.filter((_, at) => at !== index))} />
            </div>
            <div className="example-sides">
              <div><h4>{t('scripts.example_input')}</h4><JsonEditor label={t('scripts.example_input')} value={example.input} onChange={(input) => set(index, { input })} /></div>
              <div><h4>{t('scripts.example_output')}</h4><JsonEditor label={t('scripts.example_output')} value={example.output ?? {}} onChange={(output) => set(index, { output })} /></div>
            </div>
            {outcome && <Result outcome={outcome} />}
          </section>
        );
      })}
      <Button icon={<PlusOutlined />} onClick={() => onChange([...examples, { name: t('scripts.new_example', { n: examples.length + 1 }), input: sample, output: {} }])}>{t('scripts.add_example')}</Button>
    </div>
  );
}
