// The words of TPC-H's data and how often each is taken, from the benchmark's specification (clause 4.2.2.13
// and the distributions of its generator). Order matters: random numbers choose by position.

/** Words, each as often as its weight. */
export interface Distribution {
  readonly values: readonly string[]
  /** One entry per unit of weight: a random position in it is a random word. */
  readonly table: readonly string[]
}

/** `word|weight/word`: without a weight it is 1. */
function weighted(text: string): Distribution {
  const entries = text.split('/').map((entry) => entry.split('|'))
  const table = entries.flatMap(([word = '', weight = '1']) => Array.from({ length: Number(weight) }, () => word))
  return { values: entries.map(([word = '']) => word), table }
}

/** All pairs and triples of syllables, the last changing fastest. */
function combined(...parts: readonly string[]): Distribution {
  const lists = parts.map((part) => part.split(' '))
  const values = lists.reduce<string[]>((words, list) => (words.length === 0 ? list : words.flatMap((word) => list.map((one) => `${word} ${one}`))), [])
  return { values, table: values }
}

export const partTypes = combined('STANDARD SMALL MEDIUM LARGE ECONOMY PROMO', 'ANODIZED BURNISHED PLATED POLISHED BRUSHED', 'TIN NICKEL BRASS STEEL COPPER')
export const containers = combined('SM LG MED JUMBO WRAP', 'CASE BOX BAG JAR PACK PKG CAN DRUM')

/** l_shipinstruct */
export const instructions = weighted(
  'DELIVER IN PERSON/COLLECT COD/TAKE BACK RETURN/NONE',
)

/** c_mktsegment */
export const segments = weighted(
  'AUTOMOBILE/BUILDING/FURNITURE/HOUSEHOLD/MACHINERY',
)

/** o_orderpriority */
export const priorities = weighted(
  '1-URGENT/2-HIGH/3-MEDIUM/4-NOT SPECIFIED/5-LOW',
)

/** l_returnflag of lines that have arrived */
export const returnFlags = weighted(
  'R/A',
)

/** l_shipmode */
export const shipModes = weighted(
  'REG AIR/AIR/RAIL/TRUCK/MAIL/FOB/SHIP',
)

/** Words of p_name. */
export const colors = weighted(
  'almond/antique/aquamarine/azure/beige/bisque/black/blanched/blue/blush/brown/burlywood/' +
  'burnished/chartreuse/chiffon/chocolate/coral/cornflower/cornsilk/cream/cyan/dark/deep/dim/' +
  'dodger/drab/firebrick/floral/forest/frosted/gainsboro/ghost/goldenrod/green/grey/honeydew/' +
  'hot/indian/ivory/khaki/lace/lavender/lawn/lemon/light/lime/linen/magenta/maroon/medium/' +
  'metallic/midnight/mint/misty/moccasin/navajo/navy/olive/orange/orchid/pale/papaya/peach/' +
  'peru/pink/plum/powder/puff/purple/red/rose/rosy/royal/saddle/salmon/sandy/seashell/sienna/' +
  'sky/slate/smoke/snow/spring/steel/tan/thistle/tomato/turquoise/violet/wheat/white/yellow',
)

/** Of comments. */
export const nouns = weighted(
  'packages|40/requests|40/accounts|40/deposits|40/foxes|20/ideas|20/theodolites|20/' +
  'pinto beans|20/instructions|20/dependencies|10/excuses|10/platelets|10/asymptotes|10/' +
  'courts|5/dolphins|5/multipliers/sauternes/warthogs/frets/dinos/attainments/somas/Tiresias/' +
  'patterns/forges/braids/frays/warhorses/dugouts/notornis/epitaphs/pearls/tithes/waters/' +
  'orbits/gifts/sheaves/depths/sentiments/decoys/realms/pains/grouches/escapades/' +
  'hockey players',
)

/** Of comments. */
export const verbs = weighted(
  'sleep|20/wake|20/are|20/cajole|20/haggle|20/nag|10/use|10/boost|10/affix|5/detect|5/' +
  'integrate|5/maintain/nod/was/lose/sublate/solve/thrash/promise/engage/hinder/print/x-ray/' +
  'breach/eat/grow/impress/mold/poach/serve/run/dazzle/snooze/doze/unwind/kindle/play/hang/' +
  'believe/doubt',
)

/** Of comments. */
export const adverbs = weighted(
  'sometimes/always/never/furiously|50/slyly|50/carefully|50/blithely|40/quickly|30/' +
  'fluffily|20/slowly/quietly/ruthlessly/thinly/closely/doggedly/daringly/bravely/stealthily/' +
  'permanently/enticingly/idly/busily/regularly/finally/ironically/evenly/boldly/silently',
)

/** Of comments. */
export const articles = weighted(
  'the|50/a|20/an|5',
)

/** Of comments. */
export const prepositions = weighted(
  'about|50/above|50/according to|50/across|50/after|50/against|40/along|40/alongside of|30/' +
  'among|30/around|20/at|10/atop/before/behind/beneath/beside/besides/between/beyond/by/' +
  'despite/during/except/for/from/in place of/inside/instead of/into/near/of/on/outside/over/' +
  'past/since/through/throughout/to/toward/under/until/up/upon/whithout/with/within',
)

/** Of comments. */
export const auxiliaries = weighted(
  'do/may/might/shall/will/would/can/could/should/ought to/must/will have to/shall have to/' +
  'could have to/should have to/must have to/need to/try to',
)

/** Of comments. */
export const terminators = weighted(
  '.|50/;/:/?/!/--',
)

/** Of comments. */
export const adjectives = weighted(
  'special|20/pending|20/unusual|20/express|20/furious/sly/careful/blithe/quick/fluffy/slow/' +
  'quiet/ruthless/thin/close/dogged/daring/brave/stealthy/permanent/enticing/idle/busy/' +
  'regular|50/final|40/ironic|40/even|30/bold|20/silent|10',
)

/** Noun phrase, verb phrase, preposition with noun phrase, terminator. */
export const sentences = weighted(
  'N V T|3/N V P T|3/N V N T|3/N P V N T/N P V P T',
)

/** Noun, adjective, adverb. */
export const nounPhrases = weighted(
  'N|10/J N|20/J, J N|10/D J N|50',
)

/** Verb, auxiliary, adverb. */
export const verbPhrases = weighted(
  'V|30/X V/V D|40/X V D',
)

/** Names in the order of their keys, and the key of each one's region. */
export const nations: readonly (readonly [string, number])[] = [
  ['ALGERIA', 0], ['ARGENTINA', 1], ['BRAZIL', 1], ['CANADA', 1], ['EGYPT', 4], ['ETHIOPIA', 0],
  ['FRANCE', 3], ['GERMANY', 3], ['INDIA', 2], ['INDONESIA', 2], ['IRAN', 4], ['IRAQ', 4],
  ['JAPAN', 2], ['JORDAN', 4], ['KENYA', 0], ['MOROCCO', 0], ['MOZAMBIQUE', 0], ['PERU', 1],
  ['CHINA', 2], ['ROMANIA', 3], ['SAUDI ARABIA', 4], ['VIETNAM', 2], ['RUSSIA', 3],
  ['UNITED KINGDOM', 3], ['UNITED STATES', 1],
]

export const regions: readonly string[] = ['AFRICA', 'AMERICA', 'ASIA', 'EUROPE', 'MIDDLE EAST']
