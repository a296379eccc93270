// Reads histories, one JSON object a line, and answers for each whether it is linearizable: {"name","verdict"} with
// "ok", "illegal", or "unknown" where it could not be decided in time.
package main

import (
	"bufio"
	"encoding/json"
	"log"
	"math"
	"os"
	"strings"
	"time"

	"github.com/anishathalye/porcupine"
)

const (
	timeout      = 60 * time.Second
	lineBytesMax = 64 << 20
)

type history struct {
	Name       string      `json:"name"`
	Operations []Operation `json:"operations"`
}

type answer struct {
	Name    string `json:"name"`
	Verdict string `json:"verdict"`
}

// Fractions of a millisecond are kept.
func nanoseconds(milliseconds float64) int64 { return int64(milliseconds * 1e6) }

func judge(one history) answer {
	operations := make([]porcupine.Operation, len(one.Operations))
	for at, op := range one.Operations {
		returned := nanoseconds(op.Return)
		if op.Outcome == "unknown" {
			returned = math.MaxInt64
		}
		operations[at] = porcupine.Operation{
			ClientId: op.Process, Input: op, Call: nanoseconds(op.Call), Return: returned,
		}
	}
	verdict := porcupine.CheckOperationsTimeout(model, operations, timeout)
	return answer{one.Name, strings.ToLower(string(verdict))}
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, lineBytesMax)
	answers := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var one history
		if err := json.Unmarshal(lines.Bytes(), &one); err != nil {
			log.Fatal(err)
		}
		if err := answers.Encode(judge(one)); err != nil {
			log.Fatal(err)
		}
	}
	if err := lines.Err(); err != nil {
		log.Fatal(err)
	}
}
