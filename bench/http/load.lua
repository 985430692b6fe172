-- What wrk sends: a ring of prepared messages, each DEPTH requests that are written at once.
-- wrk -s load.lua URL -- METHOD PATH DEPTH KEYS BODY; with KEYS above 0 the path ends in a key that changes.
local messages, turn = {}, 0

function init(args)
  local method, path, depth, keys = args[1], args[2], tonumber(args[3]), tonumber(args[4])
  local body = args[5] ~= '' and args[5] or nil
  for i = 1, math.max(keys > 0 and 1000 or 1, 1) do
    local parts = {}
    for j = 1, depth do
      local key = keys > 0 and tostring((i * 7919 + j * 104729) % keys + 1) or ''
      parts[j] = wrk.format(method, path .. key, nil, body)
    end
    messages[i] = table.concat(parts)
  end
end

function request()
  turn = turn % #messages + 1
  return messages[turn]
end

function done(summary)
  local errors = summary.errors
  io.write(string.format('RESULT {"requests":%d,"micros":%d,"errors":%d}\n', summary.requests, summary.duration,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
