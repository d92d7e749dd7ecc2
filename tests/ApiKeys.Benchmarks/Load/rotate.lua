-- A script of wrk:  wrk -s rotate.lua URL -- MILLISECONDS_OF_THINKING KEYS_FILE
-- Each request takes the next key of the file, which has one a line; an empty line stands for a request without one. Connections
-- think before each request for a random time, of that many milliseconds at most; 0 for none.
local requests, count, at = {}, 0, 0

function init(args)
    local think = tonumber(args[1])
    for key in io.lines(args[2]) do
        local headers = {}
        if key ~= "" then headers["X-API-Key"] = key end
        count = count + 1
        requests[count] = wrk.format("GET", nil, headers)
    end
    if think > 0 then
        function delay() return math.random(0, think) end
    end
end

function request()
    at = at % count + 1
    return requests[at]
end

function done(summary, latency)
    local e = summary.errors
    print(string.format("RESULT %d %d %d %f %f", summary.requests, summary.duration,
        e.connect + e.read + e.write + e.status + e.timeout, latency:percentile(50), latency:percentile(99)))
end
