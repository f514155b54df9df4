// Why a value is what it is: who decided, by which rule and version, from what.
import { Alert, Drawer } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from '@tanstack/react-router';
import type { Json, Receipt } from '../api/types.ts';
import { formatTime } from './time.ts';

/** JSON as a table where it is an object, else as it is. */
function Values({ value }: { value: Json }) {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return <pre className="json">{JSON.stringify(value, null, 2)}</pre>;
  return (
    <dl className="values">
      {Object.entries(value).map(([name, each]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{typeof each === 'object' && each !== null ? <pre className="json">{JSON.stringify(each, null, 2)}</pre> : String(each)}</dd>
        </div>
      ))}
    </dl>
  );
}

function ReceiptBody({ receipt }: { receipt: Receipt }) {
  const { t } = useTranslation();
  const isBuiltin = receipt.script_version === 0;
  return (
    <div className="receipt">
      {receipt.fallback && <Alert type="warning" showIcon title={t('why.fallback')} description={receipt.fallback} />}
      <section>
        <h3>{t('why.reasons')}</h3>
        {receipt.reasons.length > 0 ? <ul className="reasons">{receipt.reasons.map((reason) => <li key={reason}>{reason}</li>)}</ul> : <p className="muted">{t('why.no_reasons')}</p>}
      </section>
      <section>
        <h3>{t('why.rule')}</h3>
        <dl className="values">
          <div>
            <dt>{t('why.script')}</dt>
            <dd><Link to="/scripts/$" params={{ _splat: receipt.script }} search={{ org: receipt.org }}>{receipt.script}</Link></dd>
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
        <Values value={receipt.output} />
      </section>
      <section>
        <h3>{t('why.input')}</h3>
        <Values value={receipt.input} />
      </section>
    </div>
  );
}

export function ReceiptDrawer({ receipt, onClose }: { receipt: Receipt | undefined; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Drawer open={receipt !== undefined} onClose={onClose} size={480} title={t('why.title')} destroyOnHidden>
      {receipt && <ReceiptBody receipt={receipt} />}
    </Drawer>
  );
}
