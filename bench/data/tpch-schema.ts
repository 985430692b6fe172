// TPC-H's tables: columns, types and keys, in SQL that every engine takes.

export type TpchTable = 'region' | 'nation' | 'part' | 'supplier' | 'partsupp' | 'customer' | 'orders' | 'lineitem'

export interface TableShape {
  readonly columns: Readonly<Record<string, string>>
  readonly key: readonly string[]
}

/** In an order in which parents come first. */
export const tpchTables: Readonly<Record<TpchTable, TableShape>> = {
  region: { columns: { r_regionkey: 'integer', r_name: 'varchar(25)', r_comment: 'varchar(152)' }, key: ['r_regionkey'] },
  nation: { columns: { n_nationkey: 'integer', n_name: 'varchar(25)', n_regionkey: 'integer', n_comment: 'varchar(152)' }, key: ['n_nationkey'] },
  part: {
    columns: {
      p_partkey: 'integer', p_name: 'varchar(55)', p_mfgr: 'varchar(25)', p_brand: 'varchar(10)', p_type: 'varchar(25)', p_size: 'integer',
      p_container: 'varchar(10)', p_retailprice: 'decimal(15,2)', p_comment: 'varchar(23)',
    },
    key: ['p_partkey'],
  },
  supplier: {
    columns: {
      s_suppkey: 'integer', s_name: 'varchar(25)', s_address: 'varchar(40)', s_nationkey: 'integer', s_phone: 'varchar(15)',
      s_acctbal: 'decimal(15,2)', s_comment: 'varchar(101)',
    },
    key: ['s_suppkey'],
  },
  partsupp: {
    columns: { ps_partkey: 'integer', ps_suppkey: 'integer', ps_availqty: 'integer', ps_supplycost: 'decimal(15,2)', ps_comment: 'varchar(199)' },
    key: ['ps_partkey', 'ps_suppkey'],
  },
  customer: {
    columns: {
      c_custkey: 'integer', c_name: 'varchar(25)', c_address: 'varchar(40)', c_nationkey: 'integer', c_phone: 'varchar(15)',
      c_acctbal: 'decimal(15,2)', c_mktsegment: 'varchar(10)', c_comment: 'varchar(117)',
    },
    key: ['c_custkey'],
  },
  orders: {
    columns: {
      o_orderkey: 'integer', o_custkey: 'integer', o_orderstatus: 'varchar(1)', o_totalprice: 'decimal(15,2)', o_orderdate: 'date',
      o_orderpriority: 'varchar(15)', o_clerk: 'varchar(15)', o_shippriority: 'integer', o_comment: 'varchar(79)',
    },
    key: ['o_orderkey'],
  },
  lineitem: {
    columns: {
      l_orderkey: 'integer', l_partkey: 'integer', l_suppkey: 'integer', l_linenumber: 'integer', l_quantity: 'decimal(15,2)',
      l_extendedprice: 'decimal(15,2)', l_discount: 'decimal(15,2)', l_tax: 'decimal(15,2)', l_returnflag: 'varchar(1)',
      l_linestatus: 'varchar(1)', l_shipdate: 'date', l_commitdate: 'date', l_receiptdate: 'date', l_shipinstruct: 'varchar(25)',
      l_shipmode: 'varchar(10)', l_comment: 'varchar(44)',
    },
    key: ['l_orderkey', 'l_linenumber'],
  },
}

/** The statements that make all tables; with keys, or without, as analytical engines are measured. */
export function tpchDefinitions(withKeys: boolean, kind = 'create table'): string {
  return Object.entries(tpchTables).map(([table, { columns, key }]) => {
    const lines = Object.entries(columns).map(([name, type]) => `${name} ${type} not null`)
    if (withKeys) lines.push(`primary key (${key.join(', ')})`)
    return `${kind} ${table} (${lines.join(', ')});`
  }).join('\n')
}
