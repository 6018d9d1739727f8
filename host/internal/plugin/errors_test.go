package plugin

import (
	"fmt"
	"testing"
	"time"

	"github.com/steepest/steepest/host/internal/optimizer"
)

func TestKind(t *testing.T) {
	p := &Process{}
	_, unstarted := NewPool([]Binary{{Name: "x", Path: "none"}}).Get(t.Context(), "x", "")
	for want, err := range map[string]error{
		KindStart: unstarted, KindCrash: p.died("ended"), KindTimeout: p.hangs(0), KindProtocol: &optimizer.Failed{Breach: true},
		KindError: &optimizer.Failed{},
	} {
		if got := Kind(fmt.Errorf("step 1: %w", err)); got != want {
			t.Errorf("%v: %s, want %s", err, got, want)
		}
	}
}

// TestGrantStart: of several times for one plugin the longest holds, and other pools of the same programs know nothing of it.
func TestGrantStart(t *testing.T) {
	binaries := []Binary{{Name: "x"}, {Name: "y"}}
	p, other := NewPool(binaries), NewPool(binaries)
	for _, d := range []time.Duration{time.Second, time.Minute, 2 * time.Second} {
		p.GrantStart("x", d)
	}
	if x, y := p.binaries[0].startTimeout(), p.binaries[1].startTimeout(); x != time.Minute || y != DefaultStartTimeout {
		t.Errorf("%v and %v", x, y)
	}
	if x := other.binaries[0].startTimeout(); x != DefaultStartTimeout {
		t.Errorf("%v in another pool", x)
	}
}
