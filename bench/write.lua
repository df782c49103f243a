-- wrk tells POST /api/enrich/edition about random known ISBNs, drawn as in draw.lua; half of them are a few, told again
-- and again. Each body differs, so every write changes something.
-- Arguments: those of draw.lua, then an API key, how many ISBNs are told again, and the body with ISBN and PAGES in it.

dofile(debug.getinfo(1, "S").source:match("@(.*/)") .. "draw.lua")

local draw_init = init
local head, before, between, after, few

function init(args)
    draw_init(args)
    few = tonumber(args[11])
    before, between, after = args[12]:match("^(.*)ISBN(.*)PAGES(.*)$")
    head = "POST /api/enrich/edition HTTP/1.1\r\nHost: " .. wrk.headers["Host"] .. "\r\nX-API-Key: " .. args[10]
        .. "\r\nX-Forwarded-For: 192.0.2.1\r\nContent-Type: application/json\r\nContent-Length: "
end

function request()
    local drawn = math.random(0, 1) == 0 and isbn() or isbn(1, few)
    local body = before .. drawn .. between .. math.random(1, 9999) .. after
    return head .. #body .. "\r\n\r\n" .. body
end
