-- A script of wrk:  wrk -s rotate.lua URL -- MILLISECONDS_OF_THINKING KEYS_FILE
-- Each request takes the next line of the file: a key, and for a POST its content type and its body, with tabs between; an empty line
-- stands for a request without a key. Connections think before each request for a random time, of that many milliseconds at most; 0 for
-- none.
local requests, count, at = {}, 0, 0

function init(args)
    local think = tonumber(args[1])
    for line in io.lines(args[2]) do
        local key, type, body = line:match("^([^\t]*)\t?([^\t]*)\t?(.*)$")
        local headers = {}
        if key ~= "" then headers["X-API-Key"] = key end
        if type ~= "" then headers["Content-Type"] = type end
        count = count + 1
        requests[count] = type == "" and wrk.format("GET", nil, headers) or wrk.format("POST", nil, headers, body)
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
