-- The calls that are measured, for wrk: `BENCH_PORTS=8081,8082 wrk -t 2 -s load.lua URL -- KIND [ARGUMENT]`, with as many
-- threads as ports. Prints its results as one JSON line.

local ACCOUNT, KEY, BASIC = "ip1-12345", "demo-key", "Basic aXAxLTEyMzQ1OmRlbW8ta2V5"
local DIFFERENT = { list = 20 } -- how many requests are made beforehand and sent in turn, where not 1000

local ENVELOPE = '<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"'
  .. ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema"><soap:Body>'
  .. '<sms xmlns="http://tempuri.org/"><konto>%s</konto><passwd>%s</passwd><till>%s</till><from>Example</from>'
  .. '<meddelande>Your parcel is here</meddelande><prio>1</prio></sms></soap:Body></soap:Envelope>'

local function number(n) return string.format("467012%05d", n) end

local function rest(numbers)
  local headers = { ["Content-Type"] = "application/json", ["Authorization"] = BASIC }
  local body = '{"From":"Example","Numbers":["' .. table.concat(numbers, '","') .. '"],"Message":"Your parcel is here"}'
  return wrk.format("POST", "/api/sms/send", headers, body)
end

local make = {
  aspx = function(n)
    local query = "?acc=%s&pass=%s&from=Example&to=%s&msg=Your+parcel+is+here&prio=1"
    return wrk.format("GET", "/sendsms.aspx" .. string.format(query, ACCOUNT, KEY, number(n)))
  end,
  rest = function(n) return rest({ number(n) }) end,
  list = function(n, size)
    local numbers = {}
    for i = 1, tonumber(size) do numbers[i] = number((n * 7 + i) % 100000) end
    return rest(numbers)
  end,
  soap = function(n)
    local headers = { ["Content-Type"] = "text/xml; charset=utf-8", ["SOAPAction"] = '"http://tempuri.org/sms"' }
    return wrk.format("POST", "/sendsms/sendsms.asmx", headers, string.format(ENVELOPE, ACCOUNT, KEY, number(n)))
  end,
  status = function(n, first_id)
    return wrk.format("GET", "/api/sms/sent/" .. (tonumber(first_id) + n - 1), { ["Authorization"] = BASIC })
  end,
  kannel = function(n)
    local query = "/cgi-bin/sendsms?username=%s&password=%s&from=Example&to=%s&text=Your+parcel+is+here"
    return wrk.format("GET", string.format(query, ACCOUNT, KEY, number(n)))
  end,
  upstream = function(n)
    return wrk.format("POST", "/v2/batches", {}, '{"recipients":["' .. number(n) .. '"],"body":"Your parcel is here"}')
  end,
}

local ports, threads = {}, 0
for port in os.getenv("BENCH_PORTS"):gmatch("%d+") do ports[#ports + 1] = port end

function setup(thread) -- one thread for each port
  threads = threads + 1
  thread.addr = wrk.lookup("127.0.0.1", ports[threads])[1]
end

local requests, turn = {}, 0

function init(args)
  for n = 1, DIFFERENT[args[1]] or 1000 do requests[n] = make[args[1]](n, args[2]) end
end

function request()
  turn = turn % #requests + 1
  return requests[turn]
end

function done(summary, latency)
  local errors = summary.errors
  print(string.format(
    '{"requests":%d,"seconds":%.6f,"p50":%.1f,"p99":%.1f,"p999":%.1f,"mean":%.1f,"failed":%d,"broken":%d}',
    summary.requests, summary.duration / 1e6, latency:percentile(50), latency:percentile(99),
    latency:percentile(99.9), latency.mean, errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
