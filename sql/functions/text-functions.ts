// Functions and operators over text and bytea.
import type { Expression } from '#sql/bound'
import { kernelCall, literal, not, textLiteral } from './build.ts'
import { castExpression } from './casts.ts'
import { kernel, overload, type Build, type CallSite, type Overload } from './overload.ts'
import { types } from './types.ts'
import { featureNotSupported } from '#base/errors'

/** Converts whatever it is to text, as `||` does. */
function asText(operand: Expression): Expression {
  return castExpression(operand, types.text, operand.span)
}

/** As values are shown, which concat and format use: a boolean is t or f. */
function asShown(operand: Expression): Expression {
  const text = asText(operand)
  if (operand.type.kind !== 'boolean') return text
  return kernelCall(
    'Left',
    [text, literal(1, types.integer, operand.span)],
    types.text,
    operand.span,
  )
}

function shownKernel(name: string): Build {
  return (operands, { span, label }) =>
    kernelCall(name, operands.map(asShown), types.text, span, { label })
}

/** One kernel over the arguments, each as text. */
function textKernel(name: string): Build {
  return (operands, { span, label }) =>
    kernelCall(name, operands.map(asText), types.text, span, { label })
}

/** Fills in trailing arguments that the SQL form may leave out. */
function withDefaults(name: string, defaults: readonly string[]): Build {
  return (operands, { span, label }) => {
    const filled = [...operands, ...defaults.map((value) => textLiteral(value, span))]
    return kernelCall(name, filled, types.text, span, { label })
  }
}

function regexKernel(name: string, flags: number, negated = false): Build {
  return (operands, { span, label }) => {
    const match = kernelCall(name, operands, types.boolean, span, {
      immediates: [flags],
      label: label.replace('!', ''),
    })
    return negated ? not(match, span) : match
  }
}

/** RegexMatch immediate: letters match whatever their case. */
const kRegexIgnoreCase = 1
/** RegexReplace immediate: every match, not only the first. */
const kRegexGlobal = 2

export const textOperators: readonly Overload[] = [
  overload('||', ['text', 'text'], textKernel('Concat'), 'Joins two texts.'),
  overload('||', ['text', 'any'], textKernel('Concat'), 'Joins a text and any value.'),
  overload('||', ['any', 'text'], textKernel('Concat'), 'Joins any value and a text.'),
  overload('||', ['bytea', 'bytea'], kernel('Concat', 'bytea'), 'Joins two byte strings.'),
  overload('~', ['text', 'text'], regexKernel('RegexMatch', 0), 'Matches a regular expression.'),
  overload(
    '~*',
    ['text', 'text'],
    regexKernel('RegexMatch', kRegexIgnoreCase),
    'Matches, ignoring case.',
  ),
  overload('!~', ['text', 'text'], regexKernel('RegexMatch', 0, true), 'Does not match.'),
  overload(
    '!~*',
    ['text', 'text'],
    regexKernel('RegexMatch', kRegexIgnoreCase, true),
    'Does not match, ignoring case.',
  ),
  overload('^@', ['text', 'text'], kernel('StartsWith', 'boolean'), 'Starts with.'),
]

const caseFunctions = [
  overload('lower', ['text'], kernel('Lower', 'text'), 'In lower case.'),
  overload('upper', ['text'], kernel('Upper', 'text'), 'In upper case.'),
  overload('initcap', ['text'], kernel('Initcap', 'text'), 'Each word with a capital.'),
]

const lengthFunctions = ['length', 'char_length', 'character_length']
  .map((name) => overload(name, ['text'], kernel('Length', 'integer'), 'Number of characters.'))
  .concat([
    overload('length', ['bytea'], kernel('OctetLength', 'integer'), 'Number of bytes.'),
    overload('octet_length', ['text'], kernel('OctetLength', 'integer'), 'Number of bytes.'),
    overload('octet_length', ['bytea'], kernel('OctetLength', 'integer'), 'Number of bytes.'),
    overload('bit_length', ['text'], kernel('BitLength', 'integer'), 'Number of bits.'),
    overload('bit_length', ['bytea'], kernel('BitLength', 'integer'), 'Number of bits.'),
  ])

const kTrimmedByDefault = ' '

function trim(name: string, kernelName: string, side: string): Overload[] {
  return [
    overload(
      name,
      ['text'],
      withDefaults(kernelName, [kTrimmedByDefault]),
      `Spaces removed from ${side}.`,
    ),
    overload(
      name,
      ['text', 'text'],
      kernel(kernelName, 'text'),
      `Characters of the second removed from ${side}.`,
    ),
  ]
}

function substring(name: string): Overload[] {
  const doc = 'The characters from a position (1 is the first), at most so many.'
  return [
    overload(name, ['text', 'integer', 'integer'], kernel('Substring', 'text'), doc),
    overload(name, ['text', 'integer'], toEnd, doc),
  ]
}

const int32Max = 2_147_483_647

/** `substring(t from n)`: a length that reaches any end, as the kernel clamps it. */
function toEnd(operands: readonly Expression[], { span, label }: CallSite): Expression {
  const length = literal(int32Max, types.integer, span)
  return kernelCall('Substring', [...operands, length], types.text, span, { label })
}

const pieces = [
  ...substring('substring'),
  ...substring('substr'),
  overload(
    'substring',
    ['text', 'text'],
    kernel('RegexSubstring', 'text'),
    'The part that a regular expression matches.',
  ),
  overload('left', ['text', 'integer'], kernel('Left', 'text'), 'The first n characters.'),
  overload('right', ['text', 'integer'], kernel('Right', 'text'), 'The last n characters.'),
  overload(
    'split_part',
    ['text', 'text', 'integer'],
    kernel('SplitPart', 'text'),
    'The nth field (negative: from the end).',
  ),
  overload(
    'strpos',
    ['text', 'text'],
    kernel('Position', 'integer'),
    'Where the second begins in the first; 0: nowhere.',
  ),
  overload(
    'position',
    ['text', 'text'],
    kernel('Position', 'integer'),
    'Where the first argument of `position(a in b)` begins.',
  ),
  overload(
    'starts_with',
    ['text', 'text'],
    kernel('StartsWith', 'boolean'),
    'Does the first start with the second?',
  ),
  ...trim('btrim', 'BTrim', 'both ends'),
  ...trim('ltrim', 'LTrim', 'the start'),
  ...trim('rtrim', 'RTrim', 'the end'),
]

const changes = [
  overload(
    'replace',
    ['text', 'text', 'text'],
    kernel('Replace', 'text'),
    'Every occurrence replaced.',
  ),
  overload(
    'translate',
    ['text', 'text', 'text'],
    kernel('Translate', 'text'),
    'Characters mapped one to one.',
  ),
  overload('reverse', ['text'], kernel('Reverse', 'text'), 'The characters in reverse.'),
  overload('repeat', ['text', 'integer'], kernel('Repeat', 'text'), 'The text n times.'),
  overload(
    'lpad',
    ['text', 'integer'],
    withDefaults('LPad', [' ']),
    'Padded or cut at the left to a length.',
  ),
  overload(
    'lpad',
    ['text', 'integer', 'text'],
    kernel('LPad', 'text'),
    'Padded or cut at the left to a length.',
  ),
  overload(
    'rpad',
    ['text', 'integer'],
    withDefaults('RPad', [' ']),
    'Padded or cut at the right to a length.',
  ),
  overload(
    'rpad',
    ['text', 'integer', 'text'],
    kernel('RPad', 'text'),
    'Padded or cut at the right to a length.',
  ),
  overload(
    'regexp_replace',
    ['text', 'text', 'text'],
    regexReplace(0),
    'The first match replaced.',
  ),
  overload(
    'regexp_replace',
    ['text', 'text', 'text', 'text'],
    replaceWithFlags,
    'Matches replaced; flags g and i.',
  ),
  overload('concat', ['any'], shownKernel('ConcatAll'), 'All arguments as text, nulls left out.', {
    variadic: true,
  }),
  overload(
    'concat_ws',
    ['text', 'any'],
    shownKernel('ConcatWs'),
    'Arguments joined by the first, nulls left out.',
    { variadic: true },
  ),
  overload('format', ['text', 'any'], shownKernel('Format'), 'Places filled in: %s, %I, %L, %%.', {
    variadic: true,
  }),
]

function regexReplace(flags: number): Build {
  return (operands, { span, label }) =>
    kernelCall('RegexReplace', operands, types.text, span, { immediates: [flags], label })
}

/** Flags must be known while planning: the kernel prepares its pattern once. */
function replaceWithFlags(operands: readonly Expression[], site: CallSite): Expression {
  const last = operands[3]
  const letters =
    last?.kind === 'literal' && typeof last.value === 'string' ? last.value : undefined
  if (letters === undefined || /[^gi]/.test(letters)) {
    throw featureNotSupported(
      'regexp_replace flags other than the constants g and i are not supported',
      last?.span ?? site.span,
    )
  }
  const flags =
    (letters.includes('i') ? kRegexIgnoreCase : 0) + (letters.includes('g') ? kRegexGlobal : 0)
  return regexReplace(flags)(operands.slice(0, 3), site)
}

const encodings = [
  overload('ascii', ['text'], kernel('Ascii', 'integer'), 'Code point of the first character.'),
  overload('chr', ['integer'], kernel('Chr', 'text'), 'The character of a code point.'),
  overload('md5', ['text'], kernel('Md5', 'text'), 'MD5 in hexadecimal.'),
  overload('md5', ['bytea'], kernel('Md5', 'text'), 'MD5 in hexadecimal.'),
  overload('encode', ['bytea', 'text'], kernel('Encode', 'text'), 'Bytes as text: hex or base64.'),
  overload(
    'decode',
    ['text', 'text'],
    kernel('Decode', 'bytea'),
    'Text in hex or base64 as bytes.',
  ),
  overload(
    'html_escape',
    ['text'],
    kernel('HtmlEscape', 'text'),
    'Safe inside a page: & < > " \' escaped.',
  ),
  overload('url_encode', ['text'], kernel('UrlEncode', 'text'), 'Percent-encoded.'),
  overload('url_decode', ['text'], kernel('UrlDecode', 'text'), 'Percent-decoded.'),
  overload('quote_literal', ['text'], kernel('QuoteLiteral', 'text'), 'Quoted as an SQL string.'),
  overload(
    'quote_ident',
    ['text'],
    kernel('QuoteIdent', 'text'),
    'Quoted as an SQL name if needed.',
  ),
  overload('convert_from', ['bytea', 'text'], convertFrom, 'Bytes as text; the encoding is UTF8.'),
  overload('convert_to', ['text', 'text'], convertTo, 'Text as bytes; the encoding is UTF8.'),
]

function convertFrom(operands: readonly Expression[], { span, label }: CallSite): Expression {
  return kernelCall('ByteaToUtf8', utf8Only(operands), types.text, span, { label })
}

function convertTo(operands: readonly Expression[], { span, label }: CallSite): Expression {
  return kernelCall('TextToBytea', utf8Only(operands), types.bytea, span, { label })
}

function utf8Only(operands: readonly Expression[]): Expression[] {
  const [value, encoding] = operands
  if (!value || encoding?.kind !== 'literal')
    throw featureNotSupported('an encoding that is no constant is not supported', value?.span)
  if (!/^utf-?8$/i.test(String(encoding.value)))
    throw featureNotSupported('encodings other than UTF8 are not supported', encoding.span)
  return [value]
}

export const textFunctions: readonly Overload[] = [
  ...caseFunctions,
  ...lengthFunctions,
  ...pieces,
  ...changes,
  ...encodings,
]
