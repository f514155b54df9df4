import { beforeAll, describe, expect, it } from 'vitest';
import { startI18n } from '../app/i18n.ts';
import { ApiError } from '../api/client.ts';
import { errorText, faultText, pick, pointerPath, sortErrors } from './text.ts';

beforeAll(startI18n);

describe('texts', () => {
  it('are picked by language, else English, else any', () => {
    expect(pick({ 'zh-CN': '投诉', en: 'Complaint' }, 'zh-CN')).toBe('投诉');
    expect(pick({ en: 'Complaint' }, 'zh-CN')).toBe('Complaint');
    expect(pick({ fr: 'Plainte' }, 'zh-CN')).toBe('Plainte');
    expect(pick('plain', 'en')).toBe('plain');
    expect(pick(null, 'en')).toBe('');
  });

  it('of faults are the server’s where it speaks the reader’s language, else by code, else the server’s', () => {
    expect(faultText({ code: 'phone.invalid', message: 'phone 12 is short' }, 'en')).toBe('phone 12 is short');
    expect(faultText({ code: 'phone.invalid', message: 'phone 12 is short' }, 'zh-CN')).toBe('手机号码不对，请检查位数。');
    expect(faultText({ code: 'owner_is_subject', message: '被投诉人员不能负责' }, 'zh-CN')).toBe('被投诉人员不能负责');
    expect(faultText({ code: 'color.invalid', message: 'x' }, 'zh-CN')).toBe('格式不对，请检查。');
    expect(faultText({ code: 'phone.invalid', message: 'phone "王伟" is no number; write 11 digits' }, 'zh-CN')).toBe('手机号码不对，请检查位数。');
    expect(faultText({ code: 'phone.invalid', message: 'phone 王伟 is no number' }, 'zh-CN')).toBe('手机号码不对，请检查位数。');
    expect(faultText({ code: 'phone.invalid', message: '号码 "not a number" 不对' }, 'zh-CN')).toBe('号码 "not a number" 不对');
    expect(faultText({ code: 'brand_new', message: 'something new' }, 'zh-CN')).toBe('something new');
  });

  it('of a server that is silent are the console’s own', () => {
    expect(errorText(new ApiError(0, { code: 'network' }), 'zh-CN')).toContain('连不上服务器');
  });

  it('of errors land on the inputs they point at, the rest above the form', () => {
    const errors = [
      { pointer: '/data/phone', code: 'phone.invalid', message: 'a' },
      { pointer: '/address/city', code: 'required', message: 'b' },
      { pointer: '/other', code: 'x', message: 'c' },
    ];
    expect(sortErrors(errors, ['phone', 'address'], 'en')).toEqual({ fields: [{ name: ['phone'], errors: ['a'] }, { name: ['address', 'city'], errors: ['b'] }], rest: ['c'] });
  });

  it('read JSON pointers with their escapes', () => {
    expect(pointerPath('/data/a~1b/c~0d')).toEqual(['a/b', 'c~d']);
    expect(pointerPath('/input/x')).toEqual(['x']);
  });
});
