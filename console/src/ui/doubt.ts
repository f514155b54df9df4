// Values that are doubtful but possible: the server asks why, and takes them with a reason.
import type { FieldError } from '../api/types.ts';
import { pointerPath } from './text.ts';

/** Questions by field, in the server's words. */
export type Doubts = Record<string, FieldError>;

export const isDoubtful = (error: Pick<FieldError, 'code'>) => error.code.endsWith('.doubtful');

/** Splits a refusal into what can be answered with a reason and what is simply wrong. */
export function splitDoubts(errors: FieldError[], names: string[]): { doubts: Doubts; wrong: FieldError[] } {
  const doubts: Doubts = {};
  const wrong: FieldError[] = [];
  for (const error of errors) {
    const name = pointerPath(error.pointer)[0];
    if (isDoubtful(error) && name !== undefined && names.includes(name)) doubts[name] = error;
    else wrong.push(error);
  }
  return { doubts, wrong };
}

/** The reasons to send: of questions that still stand, trimmed. */
export function answeredDoubts(doubts: Doubts, reasons: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.keys(doubts).flatMap((name) => (reasons[name]?.trim() ? [[name, reasons[name].trim()]] : [])));
}
