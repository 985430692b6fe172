// What the catalog is told to make: columns, keys, checks, references, names.
import { describe, expect, it } from 'vitest'
import type { BoundCreateRelation } from '#sql/bound'
import { bind, boundText } from '../../test/support/bind.ts'

function created(sql: string): BoundCreateRelation {
  const bound = bind(sql)
  if (bound.kind !== 'create_relation') throw new TypeError(`made a ${bound.kind}`)
  return bound
}

describe('create table', () => {
  const { relation } = created(`
    create table posts (
      id bigint generated always as identity primary key,
      author bigint not null references users on delete cascade,
      parent bigint references posts on delete set null,
      title varchar(80) default 'untitled' check (length(title) > 0),
      price numeric(10,2), tax numeric generated always as (price * 0.2) stored,
      slug text unique,
      unique (author, title), check (title <> slug), constraint cheap check (price < 100)
    )`)

  it('resolves types, and keeps what the user wrote of expressions', () => {
    expect(relation.columns.map(({ name, type, ...rest }) => [name, type, rest])).toEqual([
      ['id', { kind: 'bigint' }, { notNull: true, identity: 'always' }],
      ['author', { kind: 'bigint' }, { notNull: true }],
      ['parent', { kind: 'bigint' }, { notNull: false }],
      ['title', { kind: 'text', length: 80 }, { notNull: false, default: "'untitled'" }],
      ['price', { kind: 'numeric', precision: 10, scale: 2 }, { notNull: false }],
      [
        'tax',
        { kind: 'numeric', precision: 38, scale: 10 },
        { notNull: false, generated: 'price * 0.2' },
      ],
      ['slug', { kind: 'text' }, { notNull: false }],
    ])
  })

  it('names keys as PostgreSQL does, and indexes referencing columns', () => {
    expect(
      relation.indexes.map(({ name, columns, unique, primary }) => [
        name,
        columns,
        unique,
        primary,
      ]),
    ).toEqual([
      ['posts_pkey', [0], true, true],
      ['posts_slug_key', [6], true, false],
      ['posts_author_title_key', [1, 3], true, false],
      ['posts_author_idx', [1], false, false],
      ['posts_parent_idx', [2], false, false],
    ])
  })

  it('keeps checks as text', () => {
    expect(relation.checks).toEqual([
      { name: 'posts_title_check', condition: 'length(title) > 0' },
      { name: 'posts_check', condition: 'title <> slug' },
      { name: 'cheap', condition: 'price < 100' },
    ])
  })

  it('resolves references to keys, itself by 0', () => {
    expect(relation.foreignKeys).toEqual([
      {
        name: 'posts_author_fkey',
        columns: [1],
        parent: 1,
        parentColumns: [0],
        onDelete: 'cascade',
      },
      {
        name: 'posts_parent_fkey',
        columns: [2],
        parent: 0,
        parentColumns: [0],
        onDelete: 'set_null',
      },
    ])
  })
})

describe('create event table', () => {
  it('adds the system columns and reads the options', () => {
    const { relation, events } = created(
      `create event table hits (page text not null) with (retain = '10 min, 1000 rows, 64 MiB', logged, capacity = 5, on_overflow = 'drop_new')`,
    )
    expect(relation.columns.map(({ name, hidden }) => [name, hidden ?? false])).toEqual([
      ['page', false],
      ['seq', true],
      ['at', true],
      ['root', true],
      ['cause', true],
    ])
    expect(relation).toMatchObject({ kind: 'event', durable: true, mutable: false })
    expect(events).toEqual({
      retainMicroseconds: 600_000_000n,
      retainRows: 1000n,
      retainBytes: 67_108_864n,
      capacity: 5n,
      onOverflow: 'drop_new',
    })
  })
})

describe('other definitions', () => {
  it('names an index after its columns', () => {
    expect(bind('create unique index on users (name, age)')).toMatchObject({
      kind: 'create_index',
      index: { name: 'users_name_age_idx', columns: [2, 3], unique: true, primary: false },
    })
  })

  it('keeps the text of a view and the names of its columns', () => {
    expect(bind('create view old (who) as select email from users where age > 60')).toMatchObject({
      kind: 'create_view',
      relation: {
        name: 'old',
        columns: [{ name: 'who', notNull: true }],
        view: 'select email from users where age > 60',
      },
    })
  })

  it('expands a view where it is read', () => {
    expect('\n' + boundText('select a.mail from adults a where a.id = 1')).toBe(`
SELECT → mail#6 text
  project email#5 as mail#6
    filter (id#4 = 1::bigint)
      project id#2 as id#4, email#3 as email#5
        filter (age#1 >= 18)
          scan users users (id#2, email#3, age#1)`)
  })

  it('drops what is there, or may be missing', () => {
    expect(bind('drop table if exists users, nope cascade')).toMatchObject({
      kind: 'drop',
      object: 'table',
      names: ['users', 'nope'],
      ifExists: true,
      cascade: true,
    })
  })
})
