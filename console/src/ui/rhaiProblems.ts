// What the script engine says of a script, in Chinese: the cause and what to do about it. The place is told beside it.

/** Patterns of the engine's own sentences, each with what a dealer makes of it. `$1` is what stood in the first brackets. */
const CHINESE: [RegExp, string][] = [
  [/^Variable not found: (.+)$/u, '没有叫 $1 的变量：看看是不是拼错了，或者忘了写 let'],
  [/^Property not found: (.+)$/u, '没有叫 $1 的字段'],
  [/^Function not found: (.+)$/u, '没有这样的函数或运算：$1。看看名字和参数的类型'],
  [/^Script is incomplete$/u, '脚本没有写完：少了括号或引号'],
  [/^Expecting '?(.+?)'? to (.+)$/u, '这里应该有 $1'],
  [/^Expecting (.+)$/u, '这里应该写：$1'],
  [/^'?(.+?)'? is a reserved keyword$/u, '$1 是保留字，换一个名字'],
  [/^Syntax error: (.+)$/u, '写法不对：$1'],
  [/^Undefined variable: (.+)$/u, '没有叫 $1 的变量：看看是不是拼错了，或者忘了写 let'],
  [/^Variable '(.+)' not found$/u, '没有叫 $1 的变量：看看是不是拼错了，或者忘了写 let'],
  [/^Cannot modify constant: (.+)$/u, '$1 是常量，不能改'],
  [/^more than (\d+) operations.*$/u, '超过 $1 步：多半是循环停不下来'],
  [/^more than (\d+) functions inside one another.*$/u, '函数套了 $1 层：多半是自己调用自己'],
  [/^more than (\d+) variables at once$/u, '同时有 $1 个以上的变量'],
  [/^(.+) too large: .*$/u, '文字或清单太长（$1）'],
  [/^Division by zero.*$/u, '除数是零'],
  [/^the script needs a function (.+)$/u, '脚本里要有函数 $1'],
  [/^the script has no function (.+) with one parameter$/u, '脚本里没有带一个参数的函数 $1'],
  [/^no event calls (.+?):.*$/u, '没有事件会调用 $1：名字写成 on_对象_created、on_对象_changed，或者提示里列出的'],
  [/^asks: "(.+)" names a kind that there is not$/u, '“可以做什么”里的 $1：没有这种对象'],
  [/^asks: (.+) is written by its plugin alone.*$/u, '$1 只能由它的功能自己写，脚本不能改'],
  [/^it asks for (.+?), which is not among its grants.*$/u, '脚本要 $1，但“可以做什么”里没有勾选'],
  [/^(.+) should be (.+) and is (.+)$/u, '$1 应为 $2，实际是 $3'],
  [/^it should be (.+) and is (.+)$/u, '应为 $1，实际是 $2'],
  [/^(\d+) commands should come out and (\d+) do$/u, '应该有 $1 条命令，实际 $2 条'],
  [/^the answer does not fit the field \((.+)\)$/u, '结果不符合字段的要求（$1）'],
  [/^its answer does not fit: (.+)$/u, '结果不符合要求：$1'],
  [/^the example's input does not fit: (.+)$/u, '示例的输入不符合要求：$1'],
  [/^.*(\bdata type\b|Data type).*$/u, '类型不对：数字、文字、清单不能混着用'],
];

/** `line 3, column 5: …` as the server puts the place before the cause. */
const PLACE = /^line (\d+), column (\d+): /u;

export function problemText(message: string, locale: string): string {
  if (locale === 'en') return message;
  const place = PLACE.exec(message);
  const cause = place ? message.slice(place[0].length) : message;
  const known = CHINESE.find(([pattern]) => pattern.test(cause));
  const told = known ? cause.replace(known[0], known[1]) : cause;
  return place ? `第 ${place[1]} 行第 ${place[2]} 列：${told}` : told;
}
