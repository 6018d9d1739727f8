//go:build !unix

package certificate

import (
	"context"

	"github.com/steepest/steepest/host/internal/plugin"
	"github.com/steepest/steepest/sdk/exam"
)

// probe examines nothing here: these systems pass no file descriptors to a program.
func probe(context.Context, plugin.Binary, Options) ([]exam.Result, bool) {
	list := []exam.Result{handshakeCheck, stdoutCheck, lifelineCheck}
	for i := range list {
		list[i].Verdict, list[i].Detail = exam.NotApplicable, "not examined on this system"
	}
	return list, true
}
