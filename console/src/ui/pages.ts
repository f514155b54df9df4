// Public pages: addresses that customers open without an account, as actions hand them out and as posters carry them.
import type { But, Told } from '../api/told.ts';
import type { Json } from '../api/types.ts';

/** A public page of a plugin. One about a record (`target`) is opened by a signed link alone; `url` is told where the server knows how customers reach it. */
export type PublicPage = But<Told<'Plugin'>['pages'][number], { url?: string }>;

/** A link in an action's reply: the server has made its address. */
export interface NamedLink {
  name: string;
  page?: string;
  url: string;
  once: boolean;
  expires_at?: string;
}

const isObject = (value: unknown): value is { [name: string]: Json } => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The links of a reply that have an address a browser may open; everything else a reply holds is the plugin's own affair. */
export function linksIn(reply: unknown): NamedLink[] {
  const links = isObject(reply) ? reply.links : undefined;
  if (!isObject(links)) return [];
  return Object.entries(links).flatMap(([name, link]) => {
    if (!isObject(link) || typeof link.url !== 'string' || !/^https?:\/\//u.test(link.url)) return [];
    const { page, url, expires_at: ends } = link;
    return [{ name, url, once: link.once === true, ...(typeof page === 'string' ? { page } : {}), ...(typeof ends === 'string' ? { expires_at: ends } : {}) }];
  });
}

/** The address of a page for an organisation. `ref` tells the plugin where somebody came from: which poster, which campaign. */
export function addressOf(plugin: string, page: Pick<PublicPage, 'name' | 'url'>, org: string | undefined, ref: string, origin: string): string {
  const address = page.url ?? `${origin}/p/${plugin}/${page.name}`;
  const query = new URLSearchParams({ ...(org ? { org } : {}), ...(ref.trim() ? { ref: ref.trim() } : {}) }).toString();
  return query ? `${address}?${query}` : address;
}
