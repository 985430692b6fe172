// The ways to run a server that must not differ in what a client sees.

export interface Configuration {
  readonly name: string
  readonly arguments: readonly string[]
}

function configuration(reactor: string, workers: number): Configuration {
  return {
    name: `${reactor}, ${workers} ${workers === 1 ? 'worker' : 'workers'}`,
    arguments: ['--reactor', reactor, '--workers', String(workers)],
  }
}

function split(reactor: string): Configuration {
  return { name: `${reactor}, split_io`, arguments: ['--reactor', reactor, '--topology', 'split_io'] }
}

export const configurations: readonly Configuration[] = [
  configuration('uring', 1), configuration('uv', 1), configuration('uring', 2), configuration('uv', 2),
  split('uring'), split('uv'),
]
