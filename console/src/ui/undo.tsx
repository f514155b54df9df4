// A way back, offered after something was taken away or moved: for ten seconds, by mouse or by Ctrl Z.
import { App, Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { useErrorText } from './text.ts';

const OFFERED_S = 10;
const KEY = 'undo';

let pending: (() => void) | undefined;

/** Ctrl Z outside of a text: takes back what was offered last, while it is offered. */
export function undoLast(): boolean {
  const undo = pending;
  undo?.();
  return undo !== undefined;
}

export function useUndoOffer() {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const errorText = useErrorText();
  return (done: string, undo: () => Promise<unknown>) => {
    const take = async () => {
      pending = undefined;
      message.destroy(KEY);
      try {
        await undo();
        message.success(t('undo.done'));
      } catch (error) {
        message.error(errorText(error), 6);
      }
    };
    const offered = () => void take();
    pending = offered;
    message.success({
      key: KEY,
      duration: OFFERED_S,
      content: <span className="undo-offer">{done} <Button size="small" onClick={offered}>{t('undo.undo')}</Button></span>,
      onClose: () => {
        if (pending === offered) pending = undefined;
      },
    });
  };
}
