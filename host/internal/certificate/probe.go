package certificate

import "github.com/steepest/steepest/sdk/exam"

// The checks that need a program that was started without go-plugin in between. Each is a failure until it passes.
var (
	handshakeCheck = exam.Result{Name: "handshake", What: "it starts and says in time where it listens", Verdict: exam.Fail,
		Remedy: "write the one line of docs/protocol.md, \"Start\", to standard output"}
	stdoutCheck = exam.Result{Name: "stdout", What: "standard output is for the handshake, and noise there breaks nothing",
		Verdict: exam.Fail, Remedy: "print to standard error, which goes to the plugin.log of the runs"}
	lifelineCheck = exam.Result{Name: "lifeline", What: "it ends when its host is gone", Verdict: exam.Fail,
		Remedy: "read the descriptor in $STEEPEST_LIFELINE_FD in the background, and exit at its end of file"}
)

// whyItEnds is what to do about a program that ends by itself.
const whyItEnds = "find out why it ends: its last words, or all that it prints when it is run by hand, say so"
