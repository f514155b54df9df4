// What a customer said last of each purpose and channel, out of everything they ever said.
import type { Item } from '../../api/types.ts';
import { word } from './contact.ts';

/** The newest word to the customer's own dealer. One without a channel is about all of them. */
export function standing(consents: Item[], purpose: string, channel: string | undefined, org: string): Item | undefined {
  const meant = consents.filter(({ data }) => data.purpose === purpose && data.handler === org && (data.channel == null || data.channel === channel));
  const at = (item: Item) => `${word(item.data.obtained_at) ?? ''} ${item.created_at}`;
  return meant.reduce<Item | undefined>((last, each) => (!last || at(each) >= at(last) ? each : last), undefined);
}

export const isGranted = (item: Item | undefined, now: number) => item?.data.state === 'granted' && (typeof item.data.expires !== 'string' || Date.parse(item.data.expires) > now);
