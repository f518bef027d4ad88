// Asks with Go's net/http: the address is the first argument, or the live API's.
package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
)

func main() {
	base := "https://generativelanguage.googleapis.com"
	if len(os.Args) > 1 {
		base = os.Args[1]
	}
	for _, stream := range []string{"false", "true"} {
		body := `{"model": "gemini-3.5-flash", "input": "Hi", "stream": ` + stream + `}`
		answer, err := http.Post(base+"/v1beta/interactions", "application/json", strings.NewReader(body))
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		text, _ := io.ReadAll(answer.Body)
		fmt.Println(string(text))
	}
}
