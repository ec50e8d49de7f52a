// lists.mjs: tells stories of a list that is read downwards and upwards while things arrive and leave, and holds
// what the page has of it against the list itself. The same stories each time.
import { runnerImport } from "vite";

const of = async (name) => (await runnerImport(`./src/model/${name}.ts`)).module;
const { addAbove, addArrived, addBelow, addPolled, idsOf, insert, ofPage, remove, showArrived } = await of("list");
const { ofRow } = await of("groups");
const { shownOf } = await of("shown");

const STORIES = 1000;
const STEPS = 150;
const PAGE = 3; // groups; so small that blocks are let go

/** https://gist.github.com/tommyettinger/46a874533244883189143505d203312c */
function randomFrom(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A list as the API has it: rows by number, the newest last. A cursor is the number that a place lies below. */
class Server {
  rows = [];
  last = 0;

  constructor(chance, count) {
    this.chance = chance;
    for (let at = 0; at < count; at++) this.arrive();
  }

  arrive() {
    const number = ++this.last;
    const createdAt = new Date(number * 1000).toISOString();
    const groupId = this.chance() < 0.5 ? `g${Math.floor(this.chance() * 6)}` : `alone ${number}`;
    const row = { id: `${number}`, number, groupId, createdAt, isUnread: true, summary: `row ${number}`, actor: null, inbox: { id: "i" } };
    this.rows.push(row);
    return row;
  }

  leave() {
    const at = Math.floor(this.chance() * this.rows.length);
    return this.rows.splice(at, 1)[0];
  }

  below(cursor) {
    const older = this.rows.filter((row) => row.number < cursor).reverse();
    return this.page(older, cursor, (rest) => rest[0] !== undefined, this.rows.some((row) => row.number >= cursor));
  }

  above(cursor) {
    const newer = this.rows.filter((row) => row.number >= cursor);
    const taken = takeGroups(newer);
    const start = taken.length ? taken.at(-1).number + 1 : cursor;
    const pageInfo = { startCursor: start, endCursor: cursor, hasPreviousPage: taken.length < newer.length, hasNextPage: true };
    return { nodes: fold(taken.toReversed()), pageInfo, isIncomplete: false, sources: [] };
  }

  page(older, cursor, hasMore) {
    const taken = takeGroups(older);
    const end = taken.length ? taken.at(-1).number : cursor;
    const pageInfo = { startCursor: cursor, endCursor: end, hasNextPage: hasMore(older.slice(taken.length)), hasPreviousPage: false };
    return { nodes: fold(taken), pageInfo, isIncomplete: false, sources: [] };
  }
}

/** The rows of the first few groups, ending before the row that would open one more. */
function takeGroups(rows) {
  const met = new Set();
  const end = rows.findIndex((row) => !met.has(row.groupId) && met.add(row.groupId).size > PAGE);
  return end < 0 ? rows : rows.slice(0, end);
}

function fold(rows) {
  const groups = new Map();
  for (const row of rows) groups.set(row.groupId, [...(groups.get(row.groupId) ?? []), row]);
  return [...groups.values()].map((members) => {
    return { ...ofRow(members[0]), notificationIds: members.map((row) => row.id), count: members.length, actorCount: 0 };
  });
}

function check(list, server, story) {
  const held = idsOf(list);
  const end = list.hasBelow ? list.blocks.at(-1).end : -Infinity;
  const start = list.hasAbove ? list.blocks[0].start : Infinity;
  const inside = server.rows.filter((row) => row.number >= end && row.number < start);
  const missing = inside.filter((row) => !held.has(row.id)).map((row) => row.id);
  const groups = shownOf(list, [], "").flatMap((block) => block.groups);
  const drawn = groups.flatMap((group) => group.notificationIds);
  const names = groups.map((group) => group.groupId);
  const alive = new Set(server.rows.map((row) => row.id));
  const problems = {
    missing,
    gone: [...held].filter((id) => !alive.has(id)),
    drawnTwice: drawn.filter((id, at) => drawn.indexOf(id) !== at),
    groupTwice: names.filter((name, at) => names.indexOf(name) !== at),
    outOfOrder: groups.filter((group, at) => at > 0 && !group.isHeadless && !groups[at - 1].isHeadless && group.latest.number > groups[at - 1].latest.number).map((group) => group.groupId),
  };
  const wrong = Object.entries(problems).filter(([, found]) => found.length);
  if (wrong.length) throw new Error(`story ${story}: ${JSON.stringify(Object.fromEntries(wrong))}`);
}

let cuts = 0;
for (let story = 0; story < STORIES; story++) {
  const chance = randomFrom(story);
  const server = new Server(chance, Math.floor(chance() * 500));
  let list = ofPage(server.below(server.last + 1));
  const isDownwards = () => chance() < (story % 3 === 0 ? 0.9 : 0.6);
  for (let step = 0; step < STEPS; step++) {
    const what = chance();
    if (what < 0.6) {
      const end = list.blocks.at(-1).end;
      const start = list.blocks[0].start;
      if (isDownwards() && list.hasBelow) list = addBelow(list, server.below(end), end);
      else if (list.hasAbove) list = addAbove(list, server.above(start), start);
    } else if (what < 0.75 && !list.hasAbove) {
      const row = server.arrive();
      list = chance() < 0.8 ? addArrived(list, [ofRow(row)]) : insert(list, row);
    } else if (what < 0.85 && server.rows.length) {
      list = remove(list, new Set([server.leave().id]));
    } else if (what < 0.92) {
      list = showArrived(list);
    } else if (!list.hasAbove) {
      const before = list.blocks[0].start;
      list = addPolled(list, server.above(before), before);
    }
    cuts += list.hasAbove ? 1 : 0;
    check(list, server, `${story}, step ${step}`);
  }
}
if (cuts === 0) throw new Error("no story let go of a block");
console.log(`ok   ${STORIES} stories of lists: nothing is lost, and nothing is there twice`);
