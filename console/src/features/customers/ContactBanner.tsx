// What not to do with a customer, before anybody picks up the telephone.
import { useQuery } from '@tanstack/react-query';
import { Alert } from 'antd';
import { useTranslation } from 'react-i18next';
import { useText } from '../../ui/text.ts';
import { contactQuery, type BannerLine } from './contact.ts';

const TYPES = { bad: 'error', warn: 'warning', info: 'info' } as const;

const loudest = (lines: BannerLine[]) => (['bad', 'warn', 'info'] as const).find((tone) => lines.some((line) => line.tone === tone)) ?? 'info';

export function ContactBanner({ id }: { id: string }) {
  const { t } = useTranslation();
  const text = useText();
  // A page that cannot be told what not to do is still a page; the gate holds all the same.
  const { data } = useQuery(contactQuery(id));
  const lines = data?.banner ?? [];
  if (lines.length === 0) return null;
  return (
    <Alert
      className="banner"
      showIcon
      type={TYPES[loudest(lines)]}
      title={t('contact.banner')}
      description={<ul className="contact-lines">{lines.map((line) => <li key={line.code}>{text(line.text)}</li>)}</ul>}
    />
  );
}
