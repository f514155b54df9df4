// Which lines of two texts differ: a longest common subsequence by lines, after common head and tail.

/** Zero-based line numbers that are only in `a` and only in `b`. */
export function diffLines(a: string, b: string): { onlyA: Set<number>; onlyB: Set<number> } {
  const left = a.split('\n');
  const right = b.split('\n');
  let head = 0;
  while (head < left.length && head < right.length && left[head] === right[head]) head++;
  let tail = 0;
  while (tail < left.length - head && tail < right.length - head && left[left.length - 1 - tail] === right[right.length - 1 - tail]) tail++;
  const n = left.length - head - tail;
  const m = right.length - head - tail;
  const lengths = Array.from({ length: n + 1 }, () => new Uint32Array(m + 1));
  for (let i = n - 1; i >= 0; i--) {
    for (let j = m - 1; j >= 0; j--) {
      lengths[i]![j] = left[head + i] === right[head + j] ? lengths[i + 1]![j + 1]! + 1 : Math.max(lengths[i + 1]![j]!, lengths[i]![j + 1]!);
    }
  }
  const onlyA = new Set<number>();
  const onlyB = new Set<number>();
  let i = 0;
  let j = 0;
  while (i < n || j < m) {
    if (i < n && j < m && left[head + i] === right[head + j]) {
      i++;
      j++;
    } else if (j >= m || (i < n && lengths[i + 1]![j]! >= lengths[i]![j + 1]!)) onlyA.add(head + i++);
    else onlyB.add(head + j++);
  }
  return { onlyA, onlyB };
}
