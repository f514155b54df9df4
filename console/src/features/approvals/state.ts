// How far an export has come, in the few words a person needs.
export type State = 'waiting' | 'ready' | 'done' | 'refused' | 'other';

export function stateOf(state: string): State {
  switch (state) {
    case 'waiting':
      return 'waiting';
    case 'ready':
    case 'running':
      return 'ready';
    case 'done':
      return 'done';
    case 'refused':
    case 'aborted':
    case 'failed':
      return 'refused';
    default:
      return 'other';
  }
}
