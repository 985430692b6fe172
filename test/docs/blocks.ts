// The fenced blocks of a document, in order: what it claims can be run.

export interface Block {
  /** The words after the fence: `sql`, `sql serve`, `ts`, `text`, `console` … */
  readonly info: string
  readonly text: string
  /** 1-based line of the fence. */
  readonly line: number
}

export function blocksOf(document: string): readonly Block[] {
  return [...document.matchAll(/^```([^\n]*)\n([\s\S]*?)^```$/gm)].map((match) => ({
    info: (match[1] ?? '').trim(),
    text: match[2] ?? '',
    line: document.slice(0, match.index).split('\n').length,
  }))
}

/** Links of a document to files of the tree: `[text](path)` without addresses and anchors. */
export function linksOf(document: string): readonly string[] {
  const prose = document.replace(/^```[\s\S]*?^```$/gm, '').replace(/`[^`\n]*`/g, '')
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link = '']) => link.split('#', 1)[0] ?? '')
    .filter((link) => link !== '' && !/^[a-z]+:/.test(link))
}
