// The functions of PostgreSQL's manual, chapter "Functions and Operators", by its sections, without those of types
// that Rowtine has not (arrays, ranges, enums, geometry, networks, bit strings, text search, XML) and without
// what administers a server.

interface Section {
  readonly title: string
  readonly names: readonly string[]
}

const words = (text: string): readonly string[] => text.trim().split(/\s+/)

export const postgresqlFunctions: readonly Section[] = [
  { title: 'mathematics', names: words(`
    abs cbrt ceil ceiling degrees div erf erfc exp factorial floor gamma gcd lcm lgamma ln log log10 min_scale mod pi power
    radians round scale sign sqrt trim_scale trunc width_bucket random random_normal setseed acos acosd asin asind
    atan atand atan2 atan2d cos cosd cot cotd sin sind tan tand sinh cosh tanh asinh acosh atanh`) },
  { title: 'text', names: words(`
    bit_length btrim casefold char_length character_length lower lpad ltrim normalize octet_length overlay position rpad
    rtrim substring trim unicode_assigned upper ascii chr concat concat_ws format initcap left length md5 parse_ident
    quote_ident quote_literal quote_nullable regexp_count regexp_instr regexp_like regexp_match regexp_matches
    regexp_replace regexp_split_to_array regexp_split_to_table regexp_substr repeat replace reverse right split_part
    starts_with string_to_array string_to_table strpos substr to_ascii to_bin to_hex to_oct translate unistr`) },
  { title: 'bytes', names: words(`
    bit_count get_bit get_byte set_bit set_byte sha224 sha256 sha384 sha512 crc32 crc32c convert convert_from
    convert_to encode decode`) },
  { title: 'formatting', names: words('to_char to_date to_number to_timestamp') },
  { title: 'dates and times', names: words(`
    age clock_timestamp date_add date_bin date_part date_subtract date_trunc extract isfinite justify_days justify_hours
    justify_interval localtime localtimestamp make_date make_interval make_time make_timestamp make_timestamptz now
    current_date current_time current_timestamp statement_timestamp timeofday transaction_timestamp pg_sleep overlaps timezone`) },
  { title: 'json', names: words(`
    to_json to_jsonb array_to_json json_array row_to_json json_build_array jsonb_build_array json_build_object
    jsonb_build_object json_object jsonb_object json json_scalar json_serialize json_array_elements
    jsonb_array_elements json_array_elements_text jsonb_array_elements_text json_array_length jsonb_array_length
    json_each jsonb_each json_each_text jsonb_each_text json_extract_path jsonb_extract_path json_extract_path_text
    jsonb_extract_path_text json_object_keys jsonb_object_keys json_populate_record jsonb_populate_record
    json_to_record jsonb_to_record json_to_recordset jsonb_to_recordset jsonb_set jsonb_set_lax jsonb_insert
    json_strip_nulls jsonb_strip_nulls jsonb_path_exists jsonb_path_match jsonb_path_query jsonb_path_query_array
    jsonb_path_query_first jsonb_pretty json_typeof jsonb_typeof json_exists json_query json_value json_table`) },
  { title: 'sequences', names: words('nextval setval currval lastval') },
  { title: 'conditions', names: words('case coalesce nullif greatest least num_nonnulls num_nulls') },
  { title: 'uuid', names: words('gen_random_uuid uuidv4 uuidv7 uuid_extract_timestamp uuid_extract_version') },
  { title: 'aggregates', names: words(`
    any_value array_agg avg bit_and bit_or bit_xor bool_and bool_or count every json_agg jsonb_agg json_arrayagg
    json_object_agg jsonb_object_agg json_objectagg max min range_agg string_agg sum corr covar_pop covar_samp regr_avgx
    regr_avgy regr_count regr_intercept regr_r2 regr_slope regr_sxx regr_sxy regr_syy stddev stddev_pop stddev_samp
    variance var_pop var_samp mode percentile_cont percentile_disc grouping`) },
  { title: 'windows', names: words('row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value') },
  { title: 'sets of rows', names: words('generate_series generate_subscripts unnest') },
  { title: 'the session', names: words(`
    current_catalog current_database current_query current_role current_schema current_schemas current_user
    session_user system_user user version pg_typeof current_setting set_config`) },
]
