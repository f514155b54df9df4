import { describe, expect, it } from 'vitest';
import { fenToYuan, formatMoney, yuanToFen } from './money.ts';

describe('money', () => {
  it.each([[0, '0.00'], [5, '0.05'], [123_456, '1234.56'], [-7, '-0.07'], [9_007_199_254_740_991, '90071992547409.91']])('%d fen are %s yuan', (fen, yuan) => {
    expect(fenToYuan(fen)).toBe(yuan);
    expect(yuanToFen(yuan)).toBe(fen);
  });

  it.each([['1,234.5', 123_450], ['¥ 99', 9_900], ['￥1，000', 100_000], ['12。5', 1_250], ['-3', -300]])('%s as typed is %d fen', (typed, fen) => {
    expect(yuanToFen(typed)).toBe(fen);
  });

  it.each(['', 'abc', '1.234', '1.2.3', '99999999999999999'])('%s is no amount', (typed) => {
    expect(yuanToFen(typed)).toBeNull();
  });

  it('shows whole amounts without cents', () => {
    expect(formatMoney(68_000, 'zh-CN')).toBe('¥680');
    expect(formatMoney(68_050, 'en')).toBe('¥680.50');
  });
});
