// Which organisation: each has rules, fields and words of its own, on top of those above it.
import { useQuery } from '@tanstack/react-query';
import { Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { orgsQuery, useUser } from '../api/queries.ts';

export function OrgSelect({ value, onChange }: { value: string | undefined; onChange: (org: string) => void }) {
  const { t } = useTranslation();
  const user = useUser();
  const { data: orgs = [] } = useQuery(orgsQuery);
  const own = user ? [{ value: user.org.id, label: user.org.name }] : [];
  const others = orgs.filter((org) => org.id !== user?.org.id).map((org) => ({ value: org.id, label: String(org.data.name ?? org.id) }));
  return <Select className="org-select" aria-label={t('common.org')} showSearch={{ optionFilterProp: 'label' }} value={value} onChange={onChange} options={[...own, ...others]} />;
}
