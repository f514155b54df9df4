// One segment: its name, its conditions with what they find as they are made, its members.
import { DeleteOutlined, LeftOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { Alert, App, Button, Form, Input, Select, Switch } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { kindsQuery, useKind } from '../../api/queries.ts';
import type { Segment } from '../../api/types.ts';
import { emptyGroup, readFilter, writeFilter, type Group } from '../../ui/builder.ts';
import { defaultColumns } from '../../ui/columns.ts';
import { Ago } from '../../ui/FieldValue.tsx';
import { FilterBuilder } from '../../ui/FilterBuilder.tsx';
import { LiveCount } from '../../ui/FilterDrawer.tsx';
import { LinkButton } from '../../ui/LinkButton.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { Pager } from '../../ui/Pager.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { RecordPicker } from '../../ui/RecordPicker.tsx';
import { RecordTable } from '../../ui/RecordTable.tsx';
import { Failure, Loading, Nothing } from '../../ui/states.tsx';
import { useErrorText, useText } from '../../ui/text.ts';
import { Tone } from '../../ui/Tone.tsx';
import { BehindNotice, useDraft } from '../../ui/useDraft.tsx';
import { membersQuery, segmentQuery, useSegmentWrites } from './queries.ts';

const route = getRouteApi('/shell/segments/$id');

function Members({ segment }: { segment: Segment }) {
  const { t, i18n } = useTranslation();
  const [cursor, setCursor] = useState<string>();
  const [limit, setLimit] = useState(25);
  const { data: kind } = useKind(segment.kind);
  const { data: page, error, refetch, isPlaceholderData } = useQuery(membersQuery(segment.id, { cursor, limit }));
  const errorText = useErrorText();
  const { message } = App.useApp();
  const { move } = useSegmentWrites();
  const [selected, setSelected] = useState<string[]>([]);
  const change = async (moves: { add?: string[]; remove?: string[] }) => {
    try {
      await move.mutateAsync({ id: segment.id, ...moves });
      setSelected([]);
      message.success(t('common.saved'));
    } catch (refusal) {
      message.error(errorText(refusal));
    }
  };
  const count = segment.n ?? undefined;
  const title = count === undefined ? t('segments.members') : t('segments.members_n', { n: count.toLocaleString(i18n.language) });
  return (
    <Panel title={title} extra={segment.counted_at && <span className="muted">{t('segments.counted')} <Ago at={segment.counted_at} /></span>} flush>
      {segment.is_static && (
        <div className="toolbar">
          <span className="segment-add"><RecordPicker key={segment.n ?? 0} kind={segment.kind} aria-label={t('segments.add')} placeholder={t('segments.add')} value={null} onChange={(id) => { if (typeof id === 'string') void change({ add: [id] }); }} /></span>
          {selected.length > 0 && <Button danger loading={move.isPending} onClick={() => void change({ remove: selected })}>{t('segments.take_out', { n: selected.length })}</Button>}
        </div>
      )}
      {error && !page ? <Failure error={error} onRetry={() => void refetch()} /> : !page || !kind ? <Loading /> : page.items.length === 0 ? <Nothing title={t('segments.nobody')} /> : (
        <>
          <RecordTable kind={kind} items={page.items} refs={page.refs} columns={defaultColumns(kind).map((field) => ({ field }))} loading={isPlaceholderData} selected={selected} onSelect={segment.is_static ? setSelected : undefined} />
          <Pager cursor={cursor} next={page.next} limit={limit} shown={page.items.length} count={count} onMove={setCursor} onLimit={(next) => { setLimit(next); setCursor(undefined); }} />
        </>
      )}
    </Panel>
  );
}

function Remove({ segment }: { segment: Segment }) {
  const { t } = useTranslation();
  const { modal, message } = App.useApp();
  const errorText = useErrorText();
  const navigate = useNavigate();
  const { remove } = useSegmentWrites();
  const ask = () =>
    modal.confirm({
      title: t('segments.remove_title', { name: segment.name }),
      content: t('segments.remove_hint'),
      okText: t('common.remove'),
      okButtonProps: { danger: true },
      cancelText: t('common.cancel'),
      onOk: async () => {
        try {
          await remove.mutateAsync(segment);
        } catch (error) {
          message.error(errorText(error));
          return;
        }
        void navigate({ to: '/segments' });
      },
    });
  return <Button danger icon={<DeleteOutlined />} onClick={ask}>{t('common.remove')}</Button>;
}

const started = (): Group => ({ ...emptyGroup(), parts: [{ sort: 'rule', path: '', op: 'eq' }] });

/** A segment's name and conditions as they are typed in; a new one begins with an empty row. */
const readDraft = (segment: Segment | undefined): { name: string; group: Group } => ({ name: segment?.name ?? '', group: segment ? readFilter(segment.filter) : started() });

function Editor({ segment, kind: wanted }: { segment?: Segment; kind?: string }) {
  const { t } = useTranslation();
  const text = useText();
  const errorText = useErrorText();
  const { message } = App.useApp();
  const navigate = useNavigate();
  const { data: kinds = [] } = useQuery(kindsQuery);
  const writes = useSegmentWrites();
  const { base, draft: { name, group }, setDraft, begin, ...behind } = useDraft(segment, readDraft, writes.change.isPending);
  const setName = (next: string) => setDraft((old) => ({ ...old, name: next }));
  const setGroup = (next: Group) => setDraft((old) => ({ ...old, group: next }));
  const [kind, setKind] = useState(segment?.kind ?? wanted ?? 'customer');
  const [isStatic, setStatic] = useState(segment?.is_static ?? false);
  const [isAsked, setAsked] = useState(false);
  const error = writes.add.error ?? writes.change.error;
  const isMissing = isAsked && name.trim() === '';
  async function save() {
    setAsked(true);
    if (name.trim() === '') return;
    try {
      // A static segment's members are fixed when it is made; only its name changes later.
      if (base) begin(await writes.change.mutateAsync({ id: base.id, rev: base.rev, name: name.trim(), ...(base.is_static ? {} : { filter: writeFilter(group) }) }));
      else {
        const made = await writes.add.mutateAsync({ name: name.trim(), kind, filter: writeFilter(group), is_static: isStatic });
        void navigate({ to: '/segments/$id', params: { id: made.id }, replace: true });
      }
      message.success(t('common.saved'));
    } catch {
      // Shown above the form.
    }
  }
  return (
    <Panel>
      <Form layout="vertical" onFinish={() => void save()}>
        <BehindNotice {...behind} />
        {error && <Alert type="error" showIcon className="form-problems" title={errorText(error)} />}
        <div className="form-row">
          <Form.Item label={t('segments.name')} htmlFor="segment-name" required validateStatus={isMissing ? 'error' : undefined} help={isMissing ? t('form.required', { label: t('segments.name') }) : undefined}>
            <Input id="segment-name" autoFocus={!segment} maxLength={100} value={name} placeholder={t('segments.example')} onChange={(event) => setName(event.target.value)} />
          </Form.Item>
          <Form.Item label={t('segments.kind')} htmlFor="segment-kind">
            <Select id="segment-kind" aria-label={t('segments.kind')} disabled={segment !== undefined} showSearch={{ optionFilterProp: 'label' }} value={kind} onChange={(next) => { setKind(next); setGroup(started()); }} options={kinds.map((each) => ({ value: each.kind, label: text(each.label) }))} />
          </Form.Item>
        </div>
        {segment?.is_static ? <p className="muted form-problems">{t('segments.static_fixed')}</p> : <FilterBuilder key={kind} kind={kind} value={group} onChange={setGroup} />}
        {!segment && <label className="switch-line segment-static"><Switch checked={isStatic} onChange={setStatic} aria-label={t('segments.static')} /> <span>{t('segments.static')} <span className="muted">{t('segments.static_hint')}</span></span></label>}
        <div className="form-buttons builder-foot">
          <span className="builder-count">{!segment?.is_static && <LiveCount kind={kind} group={group} />}</span>
          <Button type="primary" htmlType="submit" disabled={behind.isBehind} loading={writes.add.isPending || writes.change.isPending}>{segment ? t('common.save') : t('segments.create')}</Button>
        </div>
      </Form>
    </Panel>
  );
}

function One({ id }: { id: string }) {
  const { t } = useTranslation();
  const { data: segment, error, refetch } = useQuery({ ...segmentQuery(id), refetchInterval: 30_000 });
  if (!segment) return error ? <Failure error={error} onRetry={() => void refetch()} /> : <Loading rows={10} />;
  return (
    <>
      <PageHeader
        title={segment.name}
        back={<Link to="/segments" className="back" aria-label={t('common.back')}><LeftOutlined /></Link>}
        tags={segment.is_static ? <Tone>{t('segments.static')}</Tone> : <Tone tone="info">{t('segments.live')}</Tone>}
        actions={<><LinkButton to={(segment.kind === 'customer' ? '/customers' : `/records/${segment.kind}`) as never} search={{ filter: { $segment: segment.id }, view: 'all' } as never}>{t('segments.in_list')}</LinkButton><Remove segment={segment} /></>}
      />
      <Editor key={segment.id} segment={segment} />
      <Members key={segment.id} segment={segment} />
    </>
  );
}

export function SegmentPage() {
  const { t } = useTranslation();
  const { id } = route.useParams();
  const { kind } = route.useSearch();
  if (id !== 'new') return <One id={id} />;
  return (
    <>
      <PageHeader title={t('segments.new')} back={<Link to="/segments" className="back" aria-label={t('common.back')}><LeftOutlined /></Link>} />
      <Editor kind={kind} />
    </>
  );
}
