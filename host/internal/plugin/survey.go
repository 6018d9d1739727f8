package plugin

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"github.com/steepest/steepest/host/internal/remedy"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// Answer is what a program says when it is asked who it is.
type Answer struct {
	Binary
	Description *v1.DescribeResponse // nil if it could not be asked
	Err         error                // why
}

// Refused tells whether the program was not started because the lock file does not name it, and which lock file that is.
func (a Answer) Refused() (lock string, is bool) {
	var untrusted *Untrusted
	if errors.As(a.Err, &untrusted) && untrusted.Locked == "" {
		return untrusted.Lock, true
	}
	return "", false
}

// Survey asks each program who it is, some at once. The error is the context's.
func Survey(ctx context.Context, binaries []Binary) ([]Answer, error) {
	all := make([]Answer, len(binaries))
	var asked sync.WaitGroup
	free := make(chan struct{}, runtime.GOMAXPROCS(0))
	for i, b := range binaries {
		free <- struct{}{}
		asked.Go(func() {
			defer func() { <-free }()
			all[i] = Answer{Binary: b}
			if p, err := Launch(ctx, b); err != nil {
				all[i].Err = err
			} else {
				p.Kill()
				all[i].Description = p.Description
			}
		})
	}
	asked.Wait()
	return all, ctx.Err()
}

// Broken is the error of programs that should be plugins and are not.
type Broken struct {
	Errs []error
	Of   int // were asked
}

// Judge returns a [Broken] if some of the programs are broken.
func Judge(answers []Answer) error {
	b := &Broken{Of: len(answers)}
	for _, a := range answers {
		if _, refused := a.Refused(); a.Err != nil && !refused {
			b.Errs = append(b.Errs, a.Err)
		}
	}
	if b.Errs == nil {
		return nil
	}
	return b
}

func (b *Broken) Error() string {
	message := fmt.Sprintf("%d of %d plugins are broken", len(b.Errs), b.Of)
	var remedies []string
	for _, err := range b.Errs {
		if r := remedy.Of(err); r != "" && !slices.Contains(remedies, r) {
			remedies = append(remedies, r)
			message += "\nremedy: " + r
		}
	}
	return message
}

// Unwrap is why they are broken.
func (b *Broken) Unwrap() []error { return b.Errs }
