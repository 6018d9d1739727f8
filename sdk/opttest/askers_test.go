package opttest

import (
	"context"
	"math"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
	"github.com/steepest/steepest/sdk"
	"github.com/steepest/steepest/sdk/exam"
)

// worst is the state of a rule that descends by the gradient at the worst point nearby, with momentum.
type worst struct{ V sdk.Vec }

type none struct{}

func worstStep(h heavyHyper, s *worst, _ []none, m sdk.Model) {
	g := make([]float64, len(m.Grad))
	loss := m.AskGradient(m.Grad, sdk.ThisBatch, g)
	fresh := m.AskLoss(g, sdk.FreshBatch)
	for i := range g {
		s.V[i] = 0.5*s.V[i] + g[i]
		m.Update[i] = -h.LR * s.V[i] * (2 + math.Tanh(loss-fresh))
	}
}

func honestAsker(step func(heavyHyper, *worst, []none, sdk.Model), options ...sdk.Option) *sdk.Optimizer {
	return sdk.NewJoint("worst", step, append([]sdk.Option{sdk.Asks(), sdk.Summary("s"), sdk.Reference("r")}, options...)...)
}

// TestAskers: a rule that asks passes the exam, and each lie of one that does is found by the check that is there for it.
func TestAskers(t *testing.T) {
	for _, r := range examine(t, &liar{OptimizerServiceServer: honestAsker(worstStep).Service()}, 20*time.Second).Checks {
		if r.Verdict == exam.Fail {
			t.Errorf("%s: %s", r.Name, r.Detail)
		}
	}
	searching := func(_ heavyHyper, _ *worst, _ []none, m sdk.Model) {
		d := make([]float64, len(m.Update))
		for i := range d {
			d[i] = 1
		}
		m.Update[0] = m.AskLoss(d, sdk.ThisBatch)
	}
	for _, c := range []struct {
		lie, check, detail string
		liar               func() liar
	}{
		{"it asks, and did not say so", "determinism", "it declares asks: false", func() liar {
			return liar{step: func(_ *v1.StepRequest, r *v1.StepResponse) { r.Ask = &v1.Ask{Kind: v1.AskKind_ASK_KIND_LOSS} }}
		}},
		{"without end", "determinism", "it asks for the 101th time in a step", func() liar {
			return liar{OptimizerServiceServer: honestAsker(func(_ heavyHyper, _ *worst, _ []none, m sdk.Model) {
				for {
					m.AskLoss(nil, sdk.ThisBatch)
				}
			}).Service()}
		}},
		{"a short vector", "determinism", "the vector of an ask has the wrong length: 248 bytes", func() liar {
			return liar{OptimizerServiceServer: honestAsker(worstStep).Service(), step: func(_ *v1.StepRequest, r *v1.StepResponse) {
				if r.Ask != nil {
					r.Ask.Vector = r.Ask.Vector[8:]
				}
			}}
		}},
		{"an unknown kind", "determinism", "it asks for the unknown kind 77", func() liar {
			return liar{OptimizerServiceServer: honestAsker(worstStep).Service(), step: func(_ *v1.StepRequest, r *v1.StepResponse) {
				if r.Ask != nil {
					r.Ask.Kind = 77
				}
			}}
		}},
		{"the last fresh batch of another step", "determinism", "it asks of the last fresh batch, and had none in this step", func() liar {
			return liar{OptimizerServiceServer: honestAsker(func(_ heavyHyper, _ *worst, _ []none, m sdk.Model) {
				on := sdk.FreshBatch
				if m.K > 1 {
					on = sdk.LastFresh
				}
				m.Update[0] = m.AskLoss(nil, on)
			}).Service()}
		}},
		{"an answer of the step before", "determinism", "element 0 of the update of step", func() liar {
			var stale [64]float64 // in no state
			return liar{OptimizerServiceServer: honestAsker(func(h heavyHyper, _ *worst, _ []none, m sdk.Model) {
				for i := range m.Update {
					m.Update[i] = -h.LR * (m.Grad[i] + stale[i])
				}
				m.AskGradient(nil, sdk.ThisBatch, stale[:len(m.Grad)])
			}).Service()}
		}},
		{"how often it asked, in no state", "snapshot-restore", "restored: element", func() liar {
			asked := map[string]int{}
			return liar{OptimizerServiceServer: honestAsker(worstStep).Service(), step: func(q *v1.StepRequest, r *v1.StepResponse) {
				if r.Ask != nil {
					asked[q.Instance]++
				} else {
					copy(r.Update, bytesOf(float64(asked[q.Instance])))
				}
			}}
		}},
		{"answers shared by instances", "determinism", "of the update of step", func() liar {
			var last float64
			return liar{OptimizerServiceServer: honestAsker(worstStep).Service(), before: func(_ context.Context, r *v1.StepRequest) error {
				if r.Kind == v1.StepKind_STEP_KIND_ANSWER {
					last, r.Loss = r.Loss, last
				}
				return nil
			}}
		}},
		{"NaN hidden in an answer", "nan-gradient", "of the gradient is NaN, and element", func() liar {
			return liar{OptimizerServiceServer: honestAsker(worstStep).Service(), step: func(_ *v1.StepRequest, r *v1.StepResponse) {
				hideNaN(r.Update)
			}}
		}},
		{"no gradient, and deaf", "gradient", "the updates are the same for other losses", func() liar {
			return liar{OptimizerServiceServer: honestAsker(searching, sdk.NoGradient()).Service(),
				step: func(_ *v1.StepRequest, r *v1.StepResponse) { clear(r.Update) }}
		}},
		{"an answer to nothing is taken", "refusals", "an answer that nothing asked for is accepted", func() liar {
			return liar{OptimizerServiceServer: honestAsker(worstStep).Service(), refused: func(err error) error {
				if strings.Contains(err.Error(), "no step asked") {
					return nil
				}
				return err
			}}
		}},
		{"a snapshot in the middle of a step", "refusals", "a snapshot between an ask and its answer is accepted", func() liar {
			return liar{OptimizerServiceServer: hasty{honestAsker(worstStep).Service()}}
		}},
	} {
		t.Run(c.lie, func(t *testing.T) {
			l := c.liar()
			report := examine(t, &l, 20*time.Second, c.check)
			if r := report.Checks[0]; r.Verdict != exam.Fail || !strings.Contains(r.Detail, c.detail) || r.Remedy == "" {
				t.Errorf("%s: %s: %q, remedy %q; want %q", r.Name, r.Verdict, r.Detail, r.Remedy, c.detail)
			}
		})
	}
}

// hasty gives a state while it waits for an answer.
type hasty struct{ v1.OptimizerServiceServer }

func (h hasty) Snapshot(r *v1.SnapshotRequest, stream v1.OptimizerService_SnapshotServer) error {
	if err := h.OptimizerServiceServer.Snapshot(r, stream); status.Code(err) != codes.FailedPrecondition {
		return err
	}
	return stream.Send(&v1.SnapshotResponse{StateVersion: "x"})
}
