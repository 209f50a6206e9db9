-- What wrk sends, told by variables of the environment (see load.py), and how it reports. Lua's part is kept small: where
-- every request is the same, wrk builds it once.
local kind = os.getenv("BENCH_KIND") or "same"
local think_ms = tonumber(os.getenv("BENCH_THINK_MS") or "0")
local file = os.getenv("BENCH_TOKENS")
local threads = {}

wrk.method = os.getenv("BENCH_METHOD") or "GET"
wrk.body = os.getenv("BENCH_BODY")
wrk.headers["Content-Type"] = os.getenv("BENCH_CONTENT_TYPE")
if os.getenv("BENCH_TOKEN") then wrk.headers["Authorization"] = "Bearer " .. os.getenv("BENCH_TOKEN") end

-- The same mean for every server, so that each is offered the same; random, so that connections don't march in step.
if think_ms > 0 then
   function delay() return math.random(0, 2 * think_ms) end
end

if kind == "once" then
   -- Each token of the file once. wrk runs one thread then, and who started it is told when there are no more: by itself
   -- it would wait for its time to be over, and count that.
   local lines, last
   function init() lines = io.lines(file) end
   function request()
      local token = lines and lines()
      if token then
         last = token
      elseif lines then
         lines = nil
         wrk.thread:stop()
         print("SPENT")
         io.stdout:flush()
      end
      return wrk.format("GET", nil, { Authorization = "Bearer " .. last })
   end
elseif kind == "refresh" then
   -- Each thread has one connection and one session, whose tokens it exchanges one after another.
   local lines = io.lines(file)
   function setup(thread) thread:set("mine", lines()) end
   function request() return wrk.format("POST", nil, nil, '{"refresh_token":"' .. mine .. '"}') end
   function response(_, _, body) mine = body:match('"refresh_token":"([^"]+)"') or mine end
elseif kind == "wrong" then
   -- 401 is a password that was looked at; who is not even looked at is told so by another status.
   unauthorized = 0
   function setup(thread) threads[#threads + 1] = thread end
   function response(status) if status == 401 then unauthorized = unauthorized + 1 end end
   function request()
      local body = '{"identifier":"someone-%d@example.com","password":"not-the-password-%d"}'
      return wrk.format("POST", nil, nil, body:format(math.random(1000), math.random(1000000)))
   end
end

function done(summary, latency)
   local errors = summary.errors
   local broken = errors.connect + errors.read + errors.write + errors.timeout
   local looked_at = 0
   for _, thread in ipairs(threads) do looked_at = looked_at + thread:get("unauthorized") end
   print(("RESULT %d %d %d %d %d %d %d %d"):format(summary.requests, summary.duration, errors.status, looked_at, broken,
      latency:percentile(50), latency:percentile(99), latency.max))
end
