// Money: whole fen in JSON, yuan on screen.

/** `123456` fen → `1234.56`, exact for every safe integer. */
export function fenToYuan(fen: number): string {
  const sign = fen < 0 ? '-' : '';
  const digits = String(Math.abs(Math.trunc(fen))).padStart(3, '0');
  return `${sign}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** What a person typed, as fen: `1,234.5` or `￥1234.5` → `123450`; `null` when it is no amount of whole fen. */
export function yuanToFen(text: string): number | null {
  const clean = text.replaceAll(/[,，\s¥￥]/gu, '').replace('。', '.');
  const match = /^(-?)(\d+)(?:\.(\d{0,2}))?$/u.exec(clean);
  if (!match) return null;
  const fen = Number(match[2]) * 100 + Number((match[3] ?? '').padEnd(2, '0'));
  return Number.isSafeInteger(fen) ? (match[1] ? -fen : fen) : null;
}

/** `123456` → `¥1,234.56` in the reader's way of grouping; whole amounts without `.00`. */
export function formatMoney(fen: number, locale: string): string {
  const whole = fen % 100 === 0;
  return new Intl.NumberFormat(locale, {
    style: 'currency',
    currency: 'CNY',
    currencyDisplay: 'narrowSymbol',
    minimumFractionDigits: whole ? 0 : 2,
    maximumFractionDigits: 2,
  }).format(fen / 100);
}
