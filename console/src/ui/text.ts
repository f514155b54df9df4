// Labels that carry their own languages, and messages of the server in the reader's language.
import i18next from 'i18next';
import { useTranslation } from 'react-i18next';
import type { FieldError, Text } from '../api/types.ts';
import { ApiError } from '../api/client.ts';

/** The text in `locale`, else in English, else in any language. */
export function pick(text: Text | null | undefined, locale: string): string {
  if (text == null) return '';
  if (typeof text === 'string') return text;
  return text[locale] ?? text.en ?? Object.values(text)[0] ?? '';
}

/** `pick` in the language of the moment. */
export function useText(): (text: Text | null | undefined) => string {
  const { i18n } = useTranslation();
  return (text) => pick(text, i18n.language);
}

const HAN = /\p{Script=Han}/u;

/** Whether a sentence is Chinese, rather than an English one about a Chinese value: `"王伟" is too long`. */
export const isChinese = (sentence: string) => HAN.test(sentence.replaceAll(/"[^"]*"|`[^`]*`/gu, '')) && !/[a-z]+ [a-z]+/u.test(sentence.replaceAll(/"[^"]*"|`[^`]*`/gu, ''));

/**
 * What to tell a person about a fault with a code. The server's own sentence names value and remedy and wins where it is
 * in the reader's language; else the console's sentence for the code, else the server's after all.
 */
export function faultText(fault: { code?: string; message?: string }, locale: string): string {
  const message = fault.message ?? '';
  if (locale === 'en' || isChinese(message)) return message || fault.code || '';
  const { code = '' } = fault;
  for (const key of [`fault.${code}`, `fault.*.${code.slice(code.lastIndexOf('.') + 1)}`]) {
    if (i18next.exists(key, { lng: locale })) return (i18next.t as (key: string, options: object) => string)(key, { lng: locale });
  }
  return message || code;
}

/** A failed request in one sentence. */
export function errorText(error: unknown, locale: string): string {
  if (!(error instanceof ApiError)) return error instanceof Error ? error.message : String(error);
  if (error.status === 0) return faultText({ code: 'network', message: locale === 'en' ? 'The server did not answer. Check the connection and try again.' : '' }, locale);
  return faultText({ code: error.code, message: error.message }, locale);
}

export function useErrorText(): (error: unknown) => string {
  const { i18n } = useTranslation();
  return (error) => errorText(error, i18n.language);
}

/** `/data/contact/phone` → `['contact', 'phone']`. */
export function pointerPath(pointer: string): string[] {
  const parts = pointer.split('/').slice(1).map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  return parts[0] === 'data' || parts[0] === 'input' ? parts.slice(1) : parts;
}

/** Splits errors into those of known inputs and the rest, which are shown above the form. */
export function sortErrors(errors: FieldError[], names: string[], locale: string) {
  const fields: { name: string[]; errors: string[] }[] = [];
  const rest: string[] = [];
  for (const error of errors) {
    const path = pointerPath(error.pointer);
    const text = faultText(error, locale);
    if (path[0] !== undefined && names.includes(path[0])) {
      const known = fields.find((field) => field.name.join('/') === path.join('/'));
      if (known) known.errors.push(text);
      else fields.push({ name: path, errors: [text] });
    } else {
      rest.push(text);
    }
  }
  return { fields, rest };
}

/** A name's first letter or character, for where there is no picture. */
export function initial(name: string): string {
  return [...name.trim()][0]?.toUpperCase() ?? '?';
}
