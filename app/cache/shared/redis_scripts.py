"""What is asked of a Redis or a Valkey, as scripts, each of which runs as one.

https://redis.io/docs/latest/develop/programmability/eval-intro/
"""

from app.cache.shared.store import STAMP
from app.cache.write_log import MOST_ENTRIES

AHEAD = 10_000
"""Milliseconds by which processes may disagree on the store's time; what is further ahead of it was
written before its clock was set back, or by somebody else."""

TIME = "return redis.call('TIME')"

EXCHANGE = """
local log, position, lives = KEYS[1], ARGV[1], ARGV[2]
local is_conditional, count, opening = ARGV[3] == '1', tonumber(ARGV[4]), ARGV[5]
local wish, lasts, before = ARGV[6], ARGV[7], 7
local function last()
  local newest = redis.call('XREVRANGE', log, '+', '-', 'COUNT', 1)[1]
  return newest and newest[1]
end
local function append(entry)
  redis.call('XADD', log, 'MAXLEN', '~', MOST, '*', 'e', entry)
  redis.call('PEXPIRE', log, lives)
end
if not last() then append(opening) end
local is_taken = not is_conditional or last() == position
if is_taken then
  for i = 1, count do append(ARGV[before + i]) end
end
local since = position ~= '' and redis.call('XRANGE', log, position, '+') or {}
local is_broken = not since[1] or since[1][1] ~= position
if is_broken then since = redis.call('XRANGE', log, '-', '+') end
local lease = redis.call('GET', KEYS[2]) or ''
if wish ~= '' and (lease == '' or string.sub(lease, 1, STAMP) == string.sub(wish, 1, STAMP)) then
  redis.call('SET', KEYS[2], wish, 'PX', lasts)
  lease = wish
end
local values = {}
for i = 3, #KEYS do
  local stamp = ARGV[before + count + i - 2]
  local held = redis.call('GETRANGE', KEYS[i], 0, STAMP - 1)
  values[i - 2] = held ~= '' and held ~= stamp and redis.call('GET', KEYS[i]) or ''
end
return {is_taken and 1 or 0, is_broken and 1 or 0, since, values, lease, redis.call('TIME')}
""".replace("MOST", str(MOST_ENTRIES)).replace("STAMP", str(STAMP))

PUT = """
redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
"""

PUT_UNDER_LEASE = """
local value, lives, log_lives, holder, stamp = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local at = tonumber(ARGV[6])
if redis.call('GETRANGE', KEYS[3], 0, STAMP - 1) ~= holder then return 1 end
if stamp ~= '' and redis.call('GETRANGE', KEYS[2], 0, STAMP - 1) ~= stamp then return 2 end
redis.call('SET', KEYS[2], value, 'PX', lives)
redis.call('PEXPIRE', KEYS[1], log_lives)
if stamp ~= '' and redis.call('GETRANGE', KEYS[3], at, at + STAMP - 1) == stamp then
  redis.call('SETRANGE', KEYS[3], at, string.sub(value, 1, STAMP))
end
return 0
""".replace("STAMP", str(STAMP))

END_LEASE = """
if redis.call('GETRANGE', KEYS[1], 0, STAMP - 1) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1
""".replace("STAMP", str(STAMP))

FIND_OR_CLAIM = """
local kept = redis.call('GET', KEYS[1])
if kept and string.sub(kept, 1, STAMP) ~= ARGV[1] then return {kept, 0} end
return {'', redis.call('SET', KEYS[2], '1', 'NX', 'PX', ARGV[2]) and 1 or 0}
""".replace("STAMP", str(STAMP))

END_TURN = """
if ARGV[2] ~= '0' then redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) end
return redis.call('DEL', KEYS[2])
"""

COUNT = """
local now, window, most = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - window)
redis.call('ZREMRANGEBYSCORE', KEYS[1], now + AHEAD, '+inf')
for i = 5, #ARGV, 2 do redis.call('ZADD', KEYS[1], ARGV[i], ARGV[i + 1]) end
local is_counted = redis.call('ZCARD', KEYS[1]) < most
if is_counted then redis.call('ZADD', KEYS[1], now, ARGV[4]) end
redis.call('PEXPIRE', KEYS[1], window)
local members = redis.call('ZRANGE', KEYS[1], -most, -1, 'WITHSCORES')
return {is_counted and 1 or 0, members, redis.call('TIME')}
""".replace("AHEAD", str(AHEAD))
