// Deliveries that a plugin or a reaction has failed at for good: what, why, and what to do about each; a page at a time.
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { App, Button, Popconfirm } from 'antd';
import { useTranslation } from 'react-i18next';
import { api } from '../api/client.ts';
import type { Collection, Json, Parked } from '../api/types.ts';
import { Ago } from './FieldValue.tsx';
import { problemText } from './rhaiProblems.ts';
import { Nothing } from './states.tsx';
import { Table } from './Table.tsx';
import { faultText, useErrorText } from './text.ts';
import { Paged } from './Timeline.tsx';
import { Tone } from './Tone.tsx';
import { Pre } from './Pre.tsx';

/** The name of the event; one that is not for these eyes has none. */
export function eventName(event: Json): string {
  if (typeof event === 'string') return event;
  if (event && typeof event === 'object' && !Array.isArray(event)) return String(event.kind ?? event.type ?? '');
  return '';
}

interface Props {
  /** Whose they are: `/plugins/x`, `/scripts/reaction/y`. */
  of: `/plugins/${string}` | `/scripts/${string}/${string}`;
  org?: string;
  /** Everything read of it, to be read again once something was taken up. */
  root: string;
}

export function ParkedList({ of, org, root }: Props) {
  const { t, i18n } = useTranslation();
  const errorText = useErrorText();
  const { message } = App.useApp();
  const client = useQueryClient();
  const query = useInfiniteQuery({
    queryKey: [root, 'parked', of, org],
    queryFn: ({ pageParam, signal }) => api.get<Collection<Parked>>(`${of}/parked`, { org, cursor: pageParam, limit: 50 }, signal),
    initialPageParam: '',
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const take = useMutation({
    mutationFn: ({ seq, how }: { seq: number; how: 'retry' | 'drop' }) => api.post<void>(`${of}/parked/${seq}/${how}`, {}, { query: { org } }),
    onSuccess: (_, { how }) => void message.success(t(how === 'retry' ? 'plugins.retried' : 'plugins.dropped')),
    onError: (problem) => void message.error(errorText(problem)),
    onSettled: () => client.invalidateQueries({ queryKey: [root] }),
  });
  const parked = query.data?.pages.flatMap((page) => page.items) ?? [];
  const why = (fault: Parked['fault']) => {
    const told = faultText(fault, i18n.language);
    return told === fault.message ? problemText(told, i18n.language) : told;
  };
  const isBusy = (seq: number, how: string) => take.isPending && take.variables.seq === seq && take.variables.how === how;
  return (
    <Paged query={query} isEmpty={parked.length === 0} empty={<Nothing title={t('plugins.no_parked')} hint={t('plugins.no_parked_hint')} />}>
      <p className="muted">{t('plugins.parked_hint')}</p>
      <Table<Parked>
        size="small"
        rowKey="seq"
        dataSource={parked}
        scroll={{ x: 820 }}
        pagination={false}
        expandable={{ expandedRowRender: (each) => <Pre>{[each.fault.details, JSON.stringify(each.event, null, 2)].filter(Boolean).join('\n\n')}</Pre> }}
        columns={[
          { key: 'event', title: t('plugins.event'), width: 220, render: (_, each) => <><code>{eventName(each.event)}</code> <span className="muted number">#{each.seq}</span></> },
          { key: 'fault', title: t('plugins.fault'), render: (_, each) => <><code>{each.fault.code}</code> {why(each.fault)}</> },
          { key: 'blame', title: t('plugins.blame'), width: 110, render: (_, each) => <Tone tone={each.fault.blame === 'guest' ? 'warn' : 'bad'}>{t(each.fault.blame === 'guest' ? (root === 'scripts' ? 'scripts.blame_script' : 'plugins.blame_guest') : 'plugins.blame_host')}</Tone> },
          { key: 'attempts', title: t('plugins.attempts'), width: 90, align: 'right', render: (_, each) => each.attempts },
          { key: 'at', title: t('plugins.parked_at'), width: 130, render: (_, each) => <Ago at={each.parked_at} /> },
          {
            key: 'do', title: t('plugins.what_to_do'), width: 170, render: (_, each) => (
              <span className="row-buttons">
                <Button size="small" loading={isBusy(each.seq, 'retry')} onClick={() => take.mutate({ seq: each.seq, how: 'retry' })}>{t('plugins.retry')}</Button>
                <Popconfirm title={t('plugins.drop_title')} description={t('plugins.drop_hint')} okText={t('plugins.drop')} cancelText={t('common.cancel')} okButtonProps={{ danger: true }} onConfirm={() => take.mutate({ seq: each.seq, how: 'drop' })}>
                  <Button size="small" danger loading={isBusy(each.seq, 'drop')}>{t('plugins.drop')}</Button>
                </Popconfirm>
              </span>
            ),
          },
        ]}
      />
    </Paged>
  );
}
