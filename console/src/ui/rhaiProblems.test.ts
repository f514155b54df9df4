import { expect, it } from 'vitest';
import { problemText } from './rhaiProblems.ts';

it('tells the cause in Chinese and keeps the names', () => {
  expect(problemText('Variable not found: inputt', 'zh-CN')).toBe('没有叫 inputt 的变量：看看是不是拼错了，或者忘了写 let');
  expect(problemText('line 2, column 7: more than 200000 operations: look for a loop that does not end', 'zh-CN')).toBe('第 2 行第 7 列：超过 200000 步：多半是循环停不下来');
  expect(problemText('it asks for record.create:customer, which is not among its grants: name it in `asks`', 'zh-CN')).toContain('record.create:customer');
});

it('knows the sentences of the engine as it writes them', () => {
  const told: Record<string, string> = {
    "Expecting ';' to terminate this statement": '这里应该有 ;',
    'Expecting a boolean, not i64': '这里应该是 a boolean，现在是 i64',
    'Expecting name of a property': '这里应该写字段名',
    "'var' is a reserved keyword": 'var 是保留字，换一个名字',
    'Cannot assign to constant PARAMETERS': 'PARAMETERS 是常量，不能改',
    'Cannot modify constant x': 'x 是常量，不能改',
    'Function decide with 1 parameter already exists': '函数 decide 已经有了',
    'Array index 3 out of bounds: only 1 element in array': '清单里没有第 3 项',
    'Data type incorrect: string (expecting i64)': '类型不对：数字、文字、清单不能混着用',
    'Open string is not terminated': '文字没有结束：少了引号',
    "Unexpected '@'": '这里不该有 @',
  };
  for (const [english, chinese] of Object.entries(told)) expect(problemText(english, 'zh-CN')).toBe(chinese);
});

it('leaves English and what it does not know alone', () => {
  expect(problemText('Variable not found: x', 'en')).toBe('Variable not found: x');
  expect(problemText('something new', 'zh-CN')).toBe('something new');
});
