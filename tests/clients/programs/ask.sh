# Asks with curl in several versions of HTTP: the address is the first argument, or the live API's.
target="${1:-https://generativelanguage.googleapis.com}/v1beta/interactions"
for version in --http1.0 --http1.1 --http2; do
  for stream in false true; do
    body="{\"model\": \"gemini-3.5-flash\", \"input\": \"Hi\", \"stream\": $stream}"
    curl --silent --show-error --fail --no-buffer "$version" "$target" -d "$body" || exit
    echo
  done
done
