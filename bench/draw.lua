-- wrk asks GET /api/isbn for random known ISBNs, computed as in draw.py: nothing is looked up.
-- Arguments: blocks, choices, block, inverse, shift, step, offset, milliseconds between requests, seed.
-- Other scripts take `isbn` and `done` from here.

local threads = 0
local top = 1000000000
local blocks, choices, block, inverse, shift, step, offset, pause, tail

function setup(thread)
    thread:set("id", threads)
    threads = threads + 1
end

function init(args)
    local n = {}
    for i = 1, 9 do
        n[i] = tonumber(args[i])
    end
    blocks, choices, block, inverse, shift, step, offset, pause = unpack(n, 1, 8)
    math.randomseed(n[9] + id * 7919)
    tail = " HTTP/1.1\r\nHost: " .. wrk.headers["Host"] .. "\r\n\r\n"
end

-- One of the first `most_blocks` blocks and the first `most_choices` in it; without them, of all.
function isbn(most_blocks, most_choices)
    local place = ((math.random(0, (most_choices or choices) - 1) + block - shift) * inverse) % block
    local nine = math.fmod((math.random(0, (most_blocks or blocks) - 1) * block + place) * step + offset, top)
    local sum, rest, weight = 38, nine, 3
    for _ = 1, 9 do
        local digit = rest % 10
        sum = sum + digit * weight
        weight = 4 - weight
        rest = (rest - digit) / 10
    end
    return string.format("978%09d%d", nine, (10 - sum % 10) % 10)
end

function request()
    return "GET /api/isbn?isbn=" .. isbn() .. tail
end

function delay()
    return pause
end

function done(summary, latency, requests)
    local e = summary.errors
    io.write(string.format(
        '\nJSON {"requests":%d,"seconds":%.6f,"p50":%.3f,"p95":%.3f,"p99":%.3f,"most":%.3f,'
            .. '"refused":%d,"broken":%d}\n',
        summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(95) / 1e3,
        latency:percentile(99) / 1e3, latency.max / 1e3, e.status, e.connect + e.read + e.write + e.timeout))
end
