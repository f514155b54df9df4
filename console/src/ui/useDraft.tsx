// What is being typed over what the server has: it follows the server until something is typed, and stays from then on.
import { Alert, Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

const spelt = (value: unknown) => JSON.stringify(value);

export interface Behind {
  /** Whether somebody else has changed meanwhile what is being typed over. */
  isBehind: boolean;
  /** Takes what the server has; what was typed goes. */
  take: () => void;
  /** Goes on with what was typed, over what the server has now. */
  keep: () => void;
}

/**
 * `From` is what the server told, which a save is held against; `read` makes of it what is typed in.
 * While a save is under way nothing is followed: `begin` with the server's answer ends it.
 */
export function useDraft<From, Draft>(server: From, read: (from: From) => Draft, isSaving: boolean) {
  const [base, setBase] = useState(server);
  const [draft, setDraft] = useState(() => read(server));
  const isChanged = spelt(draft) !== spelt(read(base));
  const begin = (from: From) => {
    setBase(from);
    setDraft(read(from));
  };
  const isNewer = spelt(read(server)) !== spelt(read(base));
  const isSame = spelt(draft) === spelt(read(server));
  // Nothing typed, or typed what the server has by now: there is nothing to lose.
  if (!isSaving && server !== base) {
    if (!isNewer || isSame) setBase(server);
    else if (!isChanged) begin(server);
  }
  return { base, draft, setDraft, isChanged, isBehind: !isSaving && isNewer && isChanged, begin, take: () => begin(server), keep: () => setBase(server) };
}

/** Says that somebody else was faster, and asks whose version to go on with. */
export function BehindNotice({ isBehind, take, keep }: Behind) {
  const { t } = useTranslation();
  if (!isBehind) return null;
  return <Alert type="warning" showIcon className="form-problems" title={t('draft.behind')} action={<><Button size="small" onClick={take}>{t('draft.take')}</Button> <Button size="small" onClick={keep}>{t('draft.keep')}</Button></>} />;
}
