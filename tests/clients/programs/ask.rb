# Asks with Ruby's Net::HTTP: the address is the first argument, or the live API's.
require "net/http"

target = URI("#{ARGV[0] || "https://generativelanguage.googleapis.com"}/v1beta/interactions")
[false, true].each do |stream|
  body = %({"model": "gemini-3.5-flash", "input": "Hi", "stream": #{stream}})
  puts Net::HTTP.post(target, body, "Content-Type" => "application/json").body
end
