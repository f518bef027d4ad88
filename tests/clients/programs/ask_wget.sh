# Asks with wget: the address is the first argument, or the live API's.
target="${1:-https://generativelanguage.googleapis.com}/v1beta/interactions"
for stream in false true; do
  body="{\"model\": \"gemini-3.5-flash\", \"input\": \"Hi\", \"stream\": $stream}"
  wget --quiet --output-document=- --post-data "$body" "$target" || exit
  echo
done
