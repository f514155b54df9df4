// What a decision is given and what it must answer.
import { useTranslation } from 'react-i18next';
import type { Schema } from '../../api/types.ts';
import { useText } from '../../ui/text.ts';

function Table({ schema, label }: { schema: Schema | null | undefined; label: string }) {
  const { t } = useTranslation();
  const text = useText();
  const rows = Object.entries(schema?.properties ?? {});
  return (
    <section>
      <h3>{label}</h3>
      <table className="shape">
        <thead><tr><th scope="col">{t('scripts.field')}</th><th scope="col">{t('scripts.type')}</th><th scope="col">{t('scripts.meaning')}</th></tr></thead>
        <tbody>
          {rows.map(([name, part]) => (
            <tr key={name}>
              <td><code>{name}</code>{schema?.required?.includes(name) && <span className="required" title={t('scripts.required')}> *</span>}</td>
              <td><code>{part.enum ? part.enum.map((value) => JSON.stringify(value)).join(' | ') : [part.type, part.format].flat().filter(Boolean).join(' ')}</code></td>
              <td>{text(part.title ?? part.description)}{part.title && part.description ? ` – ${text(part.description)}` : ''}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

export function Shapes({ input, output }: { input: Schema | null | undefined; output: Schema | null | undefined }) {
  const { t } = useTranslation();
  return (
    <div className="shapes">
      <Table schema={input} label={t('scripts.input')} />
      <Table schema={output} label={t('scripts.output')} />
    </div>
  );
}
