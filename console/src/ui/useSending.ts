// Sending something the server may refuse: busy meanwhile, the refusal in words, nothing sent twice.
import { useState } from 'react';
import { useErrorText } from './text.ts';

export interface Sending {
  isBusy: boolean;
  problem: string | undefined;
  /** Whether it was done; a refusal is told in `problem`. */
  send: (what: () => Promise<unknown>) => Promise<boolean>;
  /** Says what is wrong before anything is sent, or that it is no more. */
  tell: (problem: string | undefined) => void;
}

export function useSending(): Sending {
  const errorText = useErrorText();
  const [isBusy, setBusy] = useState(false);
  const [problem, tell] = useState<string>();
  const send = async (what: () => Promise<unknown>) => {
    if (isBusy) return false;
    setBusy(true);
    tell(undefined);
    try {
      await what();
      return true;
    } catch (error) {
      tell(errorText(error));
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { isBusy, problem, send, tell };
}
