// One lamp a way to reach a customer: green where marketing is allowed just now, else why not; the reason stands in words, not in colour alone.
import { CheckCircleFilled, MinusCircleFilled } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Tooltip } from 'antd';
import { useTranslation } from 'react-i18next';
import { useKind } from '../../api/queries.ts';
import type { Item } from '../../api/types.ts';
import { useText } from '../../ui/text.ts';
import { CHANNELS, contactQuery } from './contact.ts';

export function Lamps({ customer }: { customer: Item }) {
  const { t } = useTranslation();
  const text = useText();
  const { data: contact } = useQuery(contactQuery(customer.id));
  const { data: consents } = useKind('consent');
  const { data: messages } = useKind('message');
  if (!contact || !consents) return null;
  const nameOf = (channel: string) => text(consents.fields.channel?.values?.find(({ value }) => value === channel)?.label) || channel;
  const reasonOf = (reason: string | undefined) => text(messages?.fields.reason?.values?.find(({ value }) => value === reason)?.label) || reason || '';
  return (
    <ul className="lamps" aria-label={t('contact.lamps')}>
      {CHANNELS.map((channel) => {
        const verdict = contact.items.find((each) => each.purpose === 'marketing' && each.channel === channel);
        const isOn = verdict?.is_allowed === true;
        const why = isOn ? t('contact.allowed') : reasonOf(verdict?.reason);
        return (
          <li key={channel}>
            <Tooltip title={`${nameOf(channel)}: ${why}`}>
              <button type="button" className={`lamp ${isOn ? 'lamp-on' : 'lamp-off'}`} aria-label={t('contact.lamp', { channel: nameOf(channel), why })}>
                {isOn ? <CheckCircleFilled aria-hidden /> : <MinusCircleFilled aria-hidden />} {nameOf(channel)}
              </button>
            </Tooltip>
          </li>
        );
      })}
    </ul>
  );
}
