// chDB, which is ClickHouse in the process: tables in memory, joins with SQL's nulls. Threads: CHDB_THREADS.
// What a timed query answers is computed and dropped (format Null), since its other formats all copy it as text.
import { Session } from 'chdb'
import { answerParent, textOf } from './answer.mjs'

const session = new Session()
const settings = { max_threads: process.env.CHDB_THREADS, join_use_nulls: 1, union_default_mode: `'DISTINCT'`, prefer_column_name_to_alias: 1 }
for (const [name, value] of Object.entries(settings)) session.query(`set ${name} = ${value}`)

answerParent({
  load: (table, file) => { session.query(`create table ${table} engine = Memory as select * from file('${file}', Parquet)`) },
  close: () => { session.close() },
  run: (sql) => { session.query(sql, 'Null') },
  cells: (sql) => {
    const text = session.query(sql, 'JSONCompactEachRow').trim()
    return text === '' ? [] : text.split('\n').map((line) => JSON.parse(line).map(textOf))
  },
})
