// A peer is a process of its own, since the number of its threads is set once. It answers messages of its parent,
// `{ call, arguments }`, with what the function of that name gives, or with an error's message.

/** Calls: load(table, parquetFile), run(sql), cells(sql); the last gives the rows as arrays of texts; and close(). */
export function answerParent(calls) {
  const timed = async (sql) => {
    const [start, before] = [performance.now(), process.cpuUsage()]
    await calls.run(sql)
    const ms = performance.now() - start
    const { user, system } = process.cpuUsage(before)
    return { ms, cpuMs: (user + system) / 1000 }
  }
  process.on('disconnect', () => {
    calls.close?.()
    process.exit()
  })
  process.on('message', async ({ call, arguments: given }) => {
    try {
      const result = await (call === 'time' ? timed(...given) : calls[call](...given))
      process.send({ result })
    } catch (error) {
      process.send({ error: String(error?.message ?? error).split('\n')[0].slice(0, 200) })
    }
  })
}

/** Nulls are empty. */
export const textOf = (cell) => (cell === null || cell === undefined ? '' : String(cell))
