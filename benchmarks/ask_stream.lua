-- What wrk asks: a create, each with another question.
local number = 0
wrk.method = "POST"
wrk.headers["content-type"] = "application/json"
request = function()
  number = number + 1
  return wrk.format(nil, nil, nil, '{"model": "gemini-3.5-flash", "stream": true, ' ..
    '"input": "Why are there tides in the North Sea? Question ' .. number .. '."}')
end
