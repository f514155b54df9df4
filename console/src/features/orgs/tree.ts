// The tree as rows: which are on screen, given what is open and what is searched for.
export interface OrgNode {
  id: string;
  code: string;
  name: string;
  type: string;
  parent?: string | null;
  city?: string | null;
  status: string;
  depth: number;
  n_below: number;
  n_people: number;
}

export interface OrgType {
  type: string;
  under: string[];
}

export interface OrgTree {
  items: OrgNode[];
  types: OrgType[];
}

/** Nodes with children: rows come in the order of the tree, so a deeper row follows. */
export function hasChildren(nodes: OrgNode[], at: number): boolean {
  return (nodes[at + 1]?.depth ?? 0) > nodes[at]!.depth;
}

/** What is open before anybody touched it: the first two levels, or all of a small tree. */
export function openAtFirst(nodes: OrgNode[]): Set<string> {
  return new Set(nodes.filter(({ depth }) => nodes.length <= 30 || depth < 1).map(({ id }) => id));
}

/** The rows to draw. Words are looked for in name, code and city; whatever is above a hit stays, to say where it is. */
export function visibleRows(nodes: OrgNode[], open: Set<string>, words: string): number[] {
  const wanted = words.trim().toLowerCase();
  const rows: number[] = [];
  if (wanted) {
    const kept = new Set<number>();
    const path: number[] = [];
    nodes.forEach((node, at) => {
      path.length = Math.min(path.length, node.depth);
      path[node.depth] = at;
      if ([node.name, node.code, node.city ?? ''].some((text) => text.toLowerCase().includes(wanted))) for (const above of path) kept.add(above);
    });
    return [...kept].sort((a, b) => a - b);
  }
  let hiddenBelow = Infinity;
  nodes.forEach((node, at) => {
    if (node.depth > hiddenBelow) return;
    rows.push(at);
    hiddenBelow = open.has(node.id) ? Infinity : node.depth;
  });
  return rows;
}

/** Types that may be made under an organisation of this type. */
export function typesUnder(types: OrgType[], type: string): string[] {
  return types.filter(({ under }) => under.includes(type)).map(({ type: name }) => name);
}

/** Where an organisation may be moved: what its type may stand under, but for itself and what is below it. */
export function placesFor({ items, types }: OrgTree, id: string): OrgNode[] {
  const at = items.findIndex((node) => node.id === id);
  const node = items[at];
  if (!node) return [];
  const under = types.find(({ type }) => type === node.type)?.under ?? [];
  return items.filter((other, index) => under.includes(other.type) && other.status !== 'closed' && (index < at || index > at + node.n_below));
}

/** What keeps an organisation open, as the server counts it. */
export function openWork(values: Record<string, unknown>): { kind: string; n: number }[] {
  return Array.isArray(values.open) ? (values.open as { kind: string; n: number }[]) : [];
}
