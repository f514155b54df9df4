// What a request needs to be answered: which tool answers which kind.

/** States in which somebody still waits for an answer. */
export const OPEN_STATES = ['received', 'verifying', 'processing', 'overdue'];

/** Which half of the desk is shown. */
export const isOpen = (show: string) => show === 'open';

export type Tool = 'erase' | 'copy' | 'restrict';

/** The tool that carries a request of this kind out, where there is one. */
export function toolOf(kind: unknown): Tool | undefined {
  switch (kind) {
    case 'delete':
    case 'close_account':
      return 'erase';
    case 'access':
    case 'copy':
    case 'transfer':
    case 'explain':
      return 'copy';
    case 'restrict':
      return 'restrict';
    default:
      return undefined;
  }
}

/** Whether it may be carried out: who asks is known, and it is being worked on. */
export const isReady = (data: Record<string, unknown>) => (data.state === 'processing' || data.state === 'overdue') && data.identity_checked != null;
