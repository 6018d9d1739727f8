package remedy

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
)

// TestSystem: what the system lacks is found however deep it is wrapped, has a remedy, and stays the error that it is.
func TestSystem(t *testing.T) {
	for _, cause := range []error{syscall.EMFILE, syscall.ENFILE, syscall.EAGAIN, syscall.ENOMEM, syscall.ETXTBSY, syscall.ENOEXEC} {
		err := fmt.Errorf("starting it: %w", System(&os.PathError{Op: "open", Path: "x", Err: cause}))
		if !errors.Is(err, cause) || Of(err) == "" || !strings.HasSuffix(Told(err).Error(), "\nremedy: "+Of(err)) {
			t.Errorf("%v: %q", err, Of(err))
		}
	}
	if err := System(os.ErrNotExist); err != os.ErrNotExist || Of(err) != "" || Told(err) != err || Scarce(err) {
		t.Error(err)
	}
	if !Scarce(With(syscall.ENFILE, "wait")) || Scarce(syscall.ENOEXEC) {
		t.Error("too few open files are scarcity, a foreign program is none")
	}
}
