package main

import (
	"fmt"

	"github.com/anishathalye/porcupine"
)

// Operation is one call about one task. Times are milliseconds; a call that was never answered has no Return.
type Operation struct {
	Process int     `json:"process"`
	Kind    string  `json:"kind"` // claim, release, complete, progress or read
	Task    string  `json:"task"`
	Session string  `json:"session"`
	Epoch   int     `json:"epoch"`
	Call    float64 `json:"call"`
	Return  float64 `json:"return"`
	Outcome string  `json:"outcome"` // ok, refused or unknown
	// What the answer says: the epoch that was granted; what was read; or why it was refused.
	Granted int    `json:"granted"`
	Status  string `json:"status"`
	Holder  string `json:"holder"`
	Refusal string `json:"refusal"`
}

// What a task is. Epochs begin at 0 and each grant raises them by one.
type state struct {
	Status string // ready, claimed or completed
	Epoch  int
	Holder string
}

func apply(before state, op Operation) (after state, refusal string) {
	switch op.Kind {
	case "claim":
		switch before.Status {
		case "claimed":
			return before, "task_already_claimed"
		case "completed":
			return before, "task_closed"
		}
		return state{"claimed", before.Epoch + 1, op.Session}, ""
	case "release", "complete", "progress":
		if before != (state{"claimed", op.Epoch, op.Session}) {
			return before, "stale_epoch"
		}
		switch op.Kind {
		case "release":
			return state{"ready", op.Epoch, ""}, ""
		case "complete":
			return state{"completed", op.Epoch, ""}, ""
		}
		return before, ""
	case "read":
		return before, ""
	}
	panic("no such operation: " + op.Kind)
}

// Whether this outcome is right in this state. One that nobody knows always is: the call did what it could, and when it
// did nothing it stands after everything that was seen.
func step(before state, op Operation) (bool, state) {
	after, refusal := apply(before, op)
	switch op.Outcome {
	case "unknown":
		return true, after
	case "refused":
		return refusal == op.Refusal, before
	case "ok":
		if refusal != "" {
			return false, before
		}
		switch op.Kind {
		case "claim":
			return after.Epoch == op.Granted, after
		case "read":
			return before == (state{op.Status, op.Granted, op.Holder}), before
		}
		return true, after
	}
	panic("no such outcome: " + op.Outcome)
}

// Tasks do not know of each other, so each is judged by itself.
var model = porcupine.Model{
	Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
		byTask := map[string][]porcupine.Operation{}
		for _, one := range history {
			task := one.Input.(Operation).Task
			byTask[task] = append(byTask[task], one)
		}
		var parts [][]porcupine.Operation
		for _, part := range byTask {
			parts = append(parts, part)
		}
		return parts
	},
	Init: func() interface{} { return state{"ready", 0, ""} },
	Step: func(before, input, _ interface{}) (bool, interface{}) {
		return step(before.(state), input.(Operation))
	},
	DescribeOperation: func(input, _ interface{}) string { return fmt.Sprintf("%+v", input) },
}
