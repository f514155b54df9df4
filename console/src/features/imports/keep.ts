// Keeps the chosen file in the browser between preview and apply, so that a reload in between loses nothing.
const DATABASE = 'marque';
const STORE = 'imports';
/** The latest few are enough: an import is previewed and applied in one sitting. */
const KEPT = 5;

export interface Kept {
  job: string;
  file: File;
  mapping?: Record<string, string | null>;
  key?: string;
  at: number;
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result));
    request.addEventListener('error', () => reject(request.error ?? new Error('storage refused')));
  });
}

async function store(mode: IDBTransactionMode): Promise<IDBObjectStore> {
  const opening = indexedDB.open(DATABASE, 1);
  opening.addEventListener('upgradeneeded', () => opening.result.createObjectStore(STORE, { keyPath: 'job' }));
  const database = await done(opening);
  const transaction = database.transaction(STORE, mode);
  transaction.addEventListener('complete', () => database.close());
  return transaction.objectStore(STORE);
}

/** Best effort: without storage the person chooses the file again. */
export async function keep(entry: Kept): Promise<void> {
  try {
    const all = (await done((await store('readonly')).getAll())) as Kept[];
    const target = await store('readwrite');
    const old = all.sort((a, b) => b.at - a.at).slice(KEPT - 1);
    for (const each of old) target.delete(each.job);
    await done(target.put(entry));
  } catch {
    // Private windows may refuse.
  }
}

export async function kept(job: string): Promise<Kept | undefined> {
  try {
    return (await done((await store('readonly')).get(job))) as Kept | undefined;
  } catch {
    return undefined;
  }
}
