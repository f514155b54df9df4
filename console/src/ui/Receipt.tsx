// Why a value is what it is: who decided, by which rule and version, from what.
import { Alert, Drawer } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from '@tanstack/react-router';
import type { Field, Json, Kind, Receipt } from '../api/types.ts';
import { Again, type Explained } from './Again.tsx';
import { useText } from './text.ts';
import { formatTime } from './time.ts';
import { Tone } from './Tone.tsx';
import { Pre } from './Pre.tsx';

/** One value in words: a choice by its label, a list of texts line by line. */
function Value({ value, field }: { value: Json; field: Field | undefined }) {
  const text = useText();
  const choice = field?.values?.find((each) => each.value === value);
  if (choice) return <Tone tone={choice.tone}>{text(choice.label)}</Tone>;
  if (Array.isArray(value) && value.every((each) => typeof each !== 'object')) return <ul>{value.map((each) => <li key={String(each)}>{String(each)}</li>)}</ul>;
  if (typeof value === 'object' && value !== null) return <Pre>{JSON.stringify(value, null, 2)}</Pre>;
  return <>{String(value)}</>;
}

/** JSON as a table where it is an object, else as it is; in the words of the record's kind where names are the same. */
function Values({ value, kind }: { value: Json; kind: Kind | undefined }) {
  const text = useText();
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return <Pre>{JSON.stringify(value, null, 2)}</Pre>;
  return (
    <dl className="values">
      {Object.entries(value).map(([name, each]) => (
        <div key={name}>
          <dt>{text(kind?.fields[name]?.label) || name}</dt>
          <dd><Value value={each} field={kind?.fields[name]} /></dd>
        </div>
      ))}
    </dl>
  );
}

function ReceiptBody({ receipt, kind, of }: { receipt: Receipt; kind: Kind | undefined; of: Explained | undefined }) {
  const { t } = useTranslation();
  const isBuiltin = receipt.script_version === 0;
  return (
    <div className="receipt">
      {receipt.fallback && <Alert type="warning" showIcon title={t(receipt.script.startsWith('computed/') ? 'why.failed' : 'why.fallback')} description={receipt.fallback} />}
      <section>
        <h3>{t('why.reasons')}</h3>
        {receipt.reasons.length > 0 ? <ul className="reasons">{receipt.reasons.map((reason) => <li key={reason}>{reason}</li>)}</ul> : <p className="muted">{t('why.no_reasons')}</p>}
      </section>
      <section>
        <h3>{t('why.rule')}</h3>
        <dl className="values">
          <div>
            <dt>{t('why.script')}</dt>
            <dd><Link to={`/scripts/${receipt.script}` as never} search={{ org: receipt.org } as never}>{receipt.script}</Link></dd>
          </div>
          <div>
            <dt>{t('why.version')}</dt>
            <dd>{isBuiltin ? t('why.builtin') : t('why.published', { version: receipt.script_version })}</dd>
          </div>
          <div>
            <dt>{t('why.owner')}</dt>
            <dd>{receipt.script_owner}</dd>
          </div>
          <div>
            <dt>{t('why.plugin')}</dt>
            <dd>{receipt.plugin} {receipt.plugin_version}</dd>
          </div>
          <div>
            <dt>{t('why.at')}</dt>
            <dd>{formatTime(receipt.at, 'seconds')}</dd>
          </div>
          <div>
            <dt>{t('why.digest')}</dt>
            <dd><code>{receipt.script_digest.slice(0, 16)}</code></dd>
          </div>
        </dl>
      </section>
      <section>
        <h3>{t('why.output')}</h3>
        <Values value={receipt.output} kind={kind} />
      </section>
      {of && <Again key={receipt.id} of={of} receipt={receipt} kind={kind} draw={(value, name) => <Value value={value} field={kind?.fields[name]} />} />}
      <section>
        <h3>{t('why.input')}</h3>
        <Values value={receipt.input} kind={kind} />
      </section>
    </div>
  );
}

/** `of` says whose value it explains, so that it can be decided again. */
export function ReceiptDrawer({ receipt, kind, of, onClose }: { receipt: Receipt | undefined; kind: Kind | undefined; of?: Explained; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Drawer open={receipt !== undefined} onClose={onClose} size={560} title={t('why.title')} destroyOnHidden>
      {receipt && <ReceiptBody receipt={receipt} kind={kind} of={of} />}
    </Drawer>
  );
}
