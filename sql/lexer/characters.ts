// Classes of characters by code unit. NaN, which charCodeAt gives past the end, belongs to none.

export const kQuote = 0x27
export const kDoubleQuote = 0x22
export const kDollar = 0x24
export const kAmpersand = 0x26
export const kStar = 0x2a
export const kPlus = 0x2b
export const kMinus = 0x2d
export const kDot = 0x2e
export const kSlash = 0x2f
export const kColon = 0x3a
export const kEquals = 0x3d
export const kBackslash = 0x5c
export const kUnderscore = 0x5f

const kBlank = 1
const kDigit = 2
const kNameStart = 4
const kPunctuation = 8
const kOperator = 16

/** One set of classes per ASCII character. */
const classes = new Uint8Array(128)

function mark(characters: string, flag: number): void {
  for (const character of characters) {
    const code = character.charCodeAt(0)
    classes[code] = (classes[code] ?? 0) | flag
  }
}

mark(' \t\n\r\f\v', kBlank)
mark('0123456789', kDigit)
mark('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_', kNameStart)
mark('()[],;', kPunctuation)
mark('~!@#^&|`?+-*/%<>=', kOperator)

const has = (code: number, flag: number): boolean =>
  code < 128 && ((classes[code] ?? 0) & flag) !== 0

export const isBlank = (code: number): boolean => has(code, kBlank)
export const isDigit = (code: number): boolean => has(code, kDigit)
export const isPunctuation = (code: number): boolean => has(code, kPunctuation)
export const isOperator = (code: number): boolean => has(code, kOperator)
/** Letters, underscore and everything beyond ASCII. */
export const isNameStart = (code: number): boolean => code > 127 || has(code, kNameStart)
export const isNamePart = (code: number): boolean =>
  code > 127 || has(code, kNameStart | kDigit) || code === kDollar

export function isHexDigit(code: number): boolean {
  return isDigit(code) || ((code | 0x20) >= 0x61 && (code | 0x20) <= 0x66)
}
