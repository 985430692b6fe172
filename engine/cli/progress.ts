// A bar on a terminal while files are read, for statements that take longer than a glance.

/** Shorter statements show nothing. */
const quietMs = 500
/** Between two pictures. */
const pictureMs = 100
const width = 40

export interface Progress {
  /** To be told how much is done, 0 to 1. */
  readonly report: (done: number) => void
  /** Takes the bar away. */
  readonly end: () => void
}

/** Draws on a stream if that is a terminal. Units: `now` gives milliseconds. */
export function progressBar(stream: { readonly isTTY?: boolean; write(text: string): unknown }, now: () => number = () => performance.now()): Progress {
  if (stream.isTTY !== true) return { report: () => undefined, end: () => undefined }
  let due = now() + quietMs
  let isShown = false
  return {
    report: (done) => {
      if (now() < due) return
      due = now() + pictureMs
      isShown = true
      stream.write(`\r${picture(done)}`)
    },
    end: () => {
      if (isShown) stream.write('\r\u001b[K')
      isShown = false
      due = now() + quietMs
    },
  }
}

function picture(done: number): string {
  const full = Math.round(Math.min(Math.max(done, 0), 1) * width)
  return `${'█'.repeat(full)}${'░'.repeat(width - full)} ${String(Math.round(done * 100)).padStart(3)} %`
}
