/** Calculates an expression of numbers, + - * / and parentheses, as an agent writes it. Pure. */

const TOKEN = /\s*(\d+\.?\d*|\.\d+|[-+*/()])/y;
const DEPTH_MAX = 50;

/** The value rounded to cents, as text; null for anything that is no such expression or divides by zero. */
export function calculate(expression: string): string | null {
  const tokens = tokensOf(expression);
  if (tokens === null) return null;
  const reader = { tokens, at: 0, depth: 0 };
  const value = sum(reader);
  if (value === null || reader.at < tokens.length || !Number.isFinite(value)) return null;
  const rounded = Number(value.toFixed(2));
  return Number.isInteger(rounded) ? rounded.toFixed(1) : String(rounded);
}

interface Reader {
  readonly tokens: readonly string[];
  at: number;
  depth: number;
}

function tokensOf(expression: string): readonly string[] | null {
  const tokens: string[] = [];
  const text = expression.trimEnd();
  let at = 0;
  while (at < text.length) {
    TOKEN.lastIndex = at;
    const token = TOKEN.exec(text)?.[1];
    if (token === undefined) return null;
    tokens.push(token);
    at = TOKEN.lastIndex;
  }
  return tokens;
}

function sum(reader: Reader): number | null {
  return chain(reader, product, { "+": (a, b) => a + b, "-": (a, b) => a - b });
}

function product(reader: Reader): number | null {
  return chain(reader, signed, { "*": (a, b) => a * b, "/": (a, b) => a / b });
}

/** Operators of one rank, from left to right. */
function chain(
  reader: Reader,
  operand: (reader: Reader) => number | null,
  operators: Readonly<Record<string, (a: number, b: number) => number>>,
): number | null {
  let value = operand(reader);
  for (;;) {
    const operate = operators[reader.tokens[reader.at] ?? ""];
    if (value === null || operate === undefined) return value;
    reader.at += 1;
    const right = operand(reader);
    value = right === null ? null : operate(value, right);
  }
}

function signed(reader: Reader): number | null {
  let sign = 1;
  for (; ["+", "-"].includes(reader.tokens[reader.at] ?? ""); reader.at += 1)
    if (reader.tokens[reader.at] === "-") sign = -sign;
  const value = atom(reader);
  return value === null ? null : sign * value;
}

function atom(reader: Reader): number | null {
  const token = reader.tokens[reader.at];
  if (token === undefined || reader.depth > DEPTH_MAX) return null;
  reader.at += 1;
  if (token !== "(") return /^[\d.]/.test(token) ? Number(token) : null;
  reader.depth += 1;
  const value = sum(reader);
  reader.depth -= 1;
  if (reader.tokens[reader.at] !== ")") return null;
  reader.at += 1;
  return value;
}
