-- Sends the requests of a file in their order, and from the first again if they may repeat.
-- arguments: file, first request, whether to repeat. A request in the file stands behind its length.

local requests, at, repeated = {}, 0, false

function init(arguments)
  local file = assert(io.open(arguments[1], "rb"))
  repeated = arguments[3] == "1"
  at = tonumber(arguments[2])
  local length = file:read("*n")
  while length do
    file:read(1)
    requests[#requests + 1] = file:read(length)
    length = file:read("*n")
  end
  file:close()
end

function request()
  at = at + 1
  if at > #requests then
    if not repeated then wrk.thread:stop() end
    at = 1
  end
  return requests[at]
end

function done(summary, latency, _)
  io.write(string.format(
    '{"answers": %d, "microseconds": %d, "failures": %d, "lost": %d, "p50": %d, "p99": %d}\n',
    summary.requests, summary.duration, summary.errors.status,
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
