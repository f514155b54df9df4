// One decision: the rule as code beside the built-in one, its examples, its versions; check, publish, roll back.
import { LeftOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useBlocker } from '@tanstack/react-router';
import { Alert, App, Button, InputNumber, Segmented } from 'antd';
import { useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../../api/client.ts';
import { useUser } from '../../api/queries.ts';
import { CodeEditor } from '../../ui/CodeEditor.tsx';
import { diffLines } from '../../ui/diff.ts';
import { OrgSelect } from '../../ui/OrgSelect.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { ParkedList } from '../../ui/ParkedList.tsx';
import { rhai } from '../../ui/rhai.ts';
import { problemText } from '../../ui/rhaiProblems.ts';
import { Sections } from '../../ui/Sections.tsx';
import { Failure, Loading } from '../../ui/states.tsx';
import { faultText, useErrorText, useText } from '../../ui/text.ts';
import { blank, Examples } from './Examples.tsx';
import { Parameters } from './Parameters.tsx';
import { definitionsQuery, path, scriptQuery, useScriptWrites } from './queries.ts';
import { Grants } from './Reacts.tsx';
import { Replay } from './Replay.tsx';
import { WRITTEN } from './replay.ts';
import { type Detail, isComputed, isPassedOver, isReaction, knownOf, scriptFault, startOf, unwritten } from './script.ts';
import { ScriptState } from './ScriptsPage.tsx';
import { Shapes } from './Shapes.tsx';
import { Tryout } from './Tryout.tsx';
import { Versions } from './Versions.tsx';
import type { CheckResult } from './types.ts';

/** What a new example of a reaction begins with. */
const SAMPLE = { kind: 'customer.created', subject: '', record: { id: '' } };

const route = getRouteApi('/shell/scripts/$role/$name');

function CheckSummary({ result }: { result: CheckResult }) {
  const { t, i18n } = useTranslation();
  const failed = result.examples.filter((example) => !example.ok).length;
  if (result.ok) return <Alert type="success" showIcon title={t('scripts.check_ok', { n: result.examples.length })} />;
  return (
    <Alert
      type="error"
      showIcon
      title={result.problems.length > 0 ? t('scripts.check_problems', { n: result.problems.length }) : t('scripts.check_examples', { n: failed })}
      description={
        <ul className="problems">
          {result.problems.map((problem) => (
            <li key={`${problem.line} ${problem.column} ${problem.message}`}>
              {!!problem.line && <code>{t('scripts.at', { line: problem.line, column: problem.column ?? 1 })}</code>} {problemText(problem.message, i18n.language)}
            </li>
          ))}
        </ul>
      }
    />
  );
}

function Editor({ script, org, name }: { script: Detail; org: string | undefined; name: string }) {
  const { t, i18n } = useTranslation();
  const errorText = useErrorText();
  const { message, modal } = App.useApp();
  const writes = useScriptWrites(name, org);
  const start = useMemo(() => startOf(script), [script]);
  const [source, setSource] = useState(start.source);
  const [parameters, setParameters] = useState(start.parameters);
  const [examples, setExamples] = useState(start.examples);
  const [asks, setAsks] = useState(start.asks);
  const { data: definitions } = useQuery(definitionsQuery(org));
  const [result, setResult] = useState<CheckResult>();
  const builtin = script.builtin_source ?? '';
  const [side, setSide] = useState<'both' | 'own'>(builtin ? 'both' : 'own');
  const [section, setSection] = useState('examples');
  const [replayed, setReplayed] = useState(script.version > 0 ? script.version : WRITTEN);
  const [busy, setBusy] = useState<string>();
  const share = useRef<number>(undefined);
  const [saved, setSaved] = useState(() => JSON.stringify(start));
  const isDirty = JSON.stringify({ source, parameters, examples, asks }) !== saved;
  const known = useMemo(() => knownOf(script, parameters, definitions), [script, parameters, definitions]);
  const language = useMemo(() => rhai(known), [known]);
  const builtinLanguage = useMemo(() => rhai({ input: [], output: [], words: [], parameters: [] }), []);
  const { onlyA, onlyB } = useMemo(() => diffLines(builtin, source), [builtin, source]);
  useBlocker({ shouldBlockFn: () => isDirty && !window.confirm(t('scripts.leave')), enableBeforeUnload: isDirty });

  async function save() {
    if (!isDirty) return;
    await writes.save.mutateAsync({ source, parameters, examples, asks });
    setSaved(JSON.stringify({ source, parameters, examples, asks }));
    // Saving runs the examples: what is wrong is told while one still looks at it.
    await check();
  }
  /** Runs one of the buttons and tells what was refused. */
  async function run(what: string, work: () => Promise<void>) {
    setBusy(what);
    try {
      await work();
    } catch (error) {
      // A refused publication carries the places that are wrong, like a check.
      const places = error instanceof ApiError ? error.errors : [];
      message.error([errorText(error), ...places.map((place) => faultText(place, i18n.language))].filter((line, index, all) => all.indexOf(line) === index).join(' · '));
    } finally {
      setBusy(undefined);
    }
  }
  const check = async () => {
    const answer = await writes.check.mutateAsync({ source, parameters, examples, asks });
    setResult(answer);
    return answer.ok;
  };
  const publish = () =>
    run('publish', async () => {
      if (!(await check())) return;
      if (isDirty || !script.has_draft) await writes.save.mutateAsync({ source, parameters, examples, asks });
      setSaved(JSON.stringify({ source, parameters, examples, asks }));
      share.current = undefined;
      modal.confirm({
        title: t('scripts.publish_title'),
        content: <><p>{t(isComputed(script) ? 'scripts.publish_computed' : 'scripts.publish_hint')}</p><InputNumber aria-label={t('scripts.share')} min={1} max={99} placeholder="100" suffix="%" onChange={(value) => { share.current = typeof value === 'number' ? value : undefined; }} /> <span className="muted">{t('scripts.share')}</span></>,
        okText: t('scripts.publish'),
        cancelText: t('common.cancel'),
        onOk: () => run('publish', async () => { await writes.publish.mutateAsync({ share: share.current, seen: { source, parameters, asks } }); message.success(t('scripts.published')); }),
      });
    });
  const rollback = () =>
    modal.confirm({
      title: t('scripts.rollback_title'),
      // A version on trial is what goes first; the one that holds for all stays.
      content: t(script.canary ? 'scripts.rollback_trial' : script.version > 1 ? 'scripts.rollback_hint' : isComputed(script) && !builtin ? 'scripts.rollback_none' : 'scripts.rollback_builtin'),
      okText: t('scripts.rollback'),
      okButtonProps: { danger: true },
      cancelText: t('common.cancel'),
      onOk: () => run('rollback', async () => { await writes.rollback.mutateAsync(); message.success(t('scripts.rolled_back')); }),
    });
  const reset = () => {
    setSource(builtin);
    setResult(undefined);
  };
  return (
    <>
      <div className="script-bar">
        {builtin && <Segmented<'both' | 'own'> aria-label={t('scripts.layout')} value={side} onChange={setSide} options={[{ value: 'both', label: t('scripts.side_by_side') }, { value: 'own', label: t('scripts.own_only') }]} />}
        <span className="muted" role="status">{isDirty ? t('scripts.unsaved') : t('scripts.saved')}</span>
        <span className="script-buttons">
          {builtin && <Button type="text" disabled={source === builtin} onClick={reset}>{t('scripts.reset')}</Button>}
          {script.canary && <Button loading={busy === 'promote'} onClick={() => void run('promote', async () => { await writes.promote.mutateAsync(); message.success(t('scripts.published')); })}>{t('scripts.promote')}</Button>}
          {(script.version > 0 || script.canary) && <Button danger onClick={rollback} loading={busy === 'rollback'}>{t('scripts.rollback')}</Button>}
          <Button disabled={!isDirty} loading={busy === 'save'} onClick={() => void run('save', save)}>{t('scripts.save')}</Button>
          <Button loading={busy === 'check'} onClick={() => void run('check', async () => void (await check()))}>{t('scripts.check')}</Button>
          <Button type="primary" loading={busy === 'publish'} onClick={() => void publish()}>{t('scripts.publish')}</Button>
        </span>
      </div>
      {script.canary && <Alert type="info" showIcon title={t('scripts.canary', { version: script.canary.version, share: script.canary.share })} />}
      {!!script.status?.parked && <Alert type="warning" showIcon title={t('scripts.parked', { n: script.status.parked })} />}
      {result && <CheckSummary result={result} />}
      <div className={`script-sides script-sides-${side}`}>
        <Panel title={t('scripts.own')} flush><CodeEditor label={t('scripts.own')} value={source} onChange={setSource} onSave={() => void run('save', save)} language={language} problems={result?.problems.map((problem) => ({ ...problem, message: problemText(problem.message, i18n.language) }))} marked={builtin ? onlyB : undefined} /></Panel>
        {side === 'both' && <Panel title={t('scripts.builtin')} extra={<span className="muted">{t('scripts.diff', { n: onlyA.size + onlyB.size })}</span>} flush><CodeEditor label={t('scripts.builtin')} value={builtin} language={builtinLanguage} marked={onlyA} /></Panel>}
      </div>
      <Panel className="panel-tabs">
        <Sections
          active={section}
          onChange={setSection}
          items={[
            { key: 'examples', label: t('scripts.examples', { n: examples.length }), children: <Examples examples={examples} onChange={setExamples} results={result?.examples} sample={isReaction(script) ? SAMPLE : (script.example ?? blank(script.input))} /> },
            { key: 'tryout', label: t('tryout.title'), children: <Tryout script={script} org={org} source={source} parameters={parameters} asks={asks} /> },
            { key: 'replay', label: t('replay.title'), children: <Replay script={script} org={org} written={{ source, parameters, asks }} version={replayed} onVersion={setReplayed} /> },
            ...(isReaction(script) ? [{ key: 'asks', label: t('scripts.asks'), children: <Grants org={org} asks={asks} onChange={setAsks} /> }, { key: 'parked', label: t('plugins.parked_label'), children: <ParkedList of={path(name)} org={org} root="scripts" /> }] : []),
            { key: 'parameters', label: t('scripts.parameters'), children: <Parameters source={source} value={parameters} onChange={setParameters} /> },
            { key: 'shapes', label: t('scripts.shapes'), children: <Shapes input={script.input} output={script.output} /> },
            { key: 'versions', label: t('scripts.versions'), children: <Versions name={name} org={org} current={source} onReplay={(version) => { setReplayed(version); setSection('replay'); }} /> },
          ]}
        />
      </Panel>
    </>
  );
}

export function ScriptPage() {
  const { t } = useTranslation();
  const text = useText();
  const user = useUser();
  const { role, name: point } = route.useParams();
  const name = `${role}/${point}`;
  const { org = user?.org.id } = route.useSearch();
  const navigate = route.useNavigate();
  const { data, error, refetch } = useQuery(scriptQuery(name, org));
  // A reaction is anybody's to begin: before its first draft the server knows nothing of it.
  const begun = useMemo(() => unwritten(name, org), [name, org]);
  const script: Detail | undefined = data ?? (role === 'reaction' && error instanceof ApiError && error.status === 404 ? begun : undefined);
  if (!script) return error ? <Failure error={error} onRetry={() => void refetch()} /> : <Loading rows={10} />;
  return (
    <>
      <PageHeader
        title={text(script.label) || script.name}
        note={<code>{script.name}</code>}
        back={<Link to="/scripts" search={{ org }} className="back" aria-label={t('common.back')}><LeftOutlined /></Link>}
        tags={<ScriptState script={script} />}
        actions={<OrgSelect value={org} onChange={(next) => void navigate({ search: { org: next } })} />}
      />
      {script.help && <p className="page-lead">{text(script.help)}</p>}
      {isPassedOver(script) && <Alert type="error" showIcon className="banner" title={t(isComputed(script) ? 'scripts.failing_computed' : 'scripts.failing', { n: script.failures })} description={scriptFault(script)} />}
      <Editor key={`${name} ${org}`} script={script} org={org} name={name} />
    </>
  );
}
