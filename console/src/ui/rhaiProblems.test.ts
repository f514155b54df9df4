import { expect, it } from 'vitest';
import { problemText } from './rhaiProblems.ts';

it('tells the cause in Chinese and keeps the names', () => {
  expect(problemText('Variable not found: inputt', 'zh-CN')).toBe('没有叫 inputt 的变量：看看是不是拼错了，或者忘了写 let');
  expect(problemText('line 2, column 7: more than 200000 operations: look for a loop that does not end', 'zh-CN')).toBe('第 2 行第 7 列：超过 200000 步：多半是循环停不下来');
  expect(problemText('it asks for record.create:customer, which is not among its grants: name it in `asks`', 'zh-CN')).toContain('record.create:customer');
});

it('leaves English and what it does not know alone', () => {
  expect(problemText('Variable not found: x', 'en')).toBe('Variable not found: x');
  expect(problemText('something new', 'zh-CN')).toBe('something new');
});
