package optimizer

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/steepest/steepest/host/internal/terminal"
	"github.com/steepest/steepest/proto"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

var hyperName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,63}$`)

const (
	mostHyper = 1000 // hyperparameters
	mostText  = 4096 // bytes of a text for people
)

// checkDescription refuses what no plugin says of itself: the rest of the host relies on it. It fills in what may be left
// out.
func checkDescription(name string, d *v1.DescribeResponse) error {
	if d.Name != name {
		return fmt.Errorf("calls itself %q; rename the file to %s%s", clip(d.Name), proto.BinaryPrefix, clip(d.Name))
	}
	if d.Capabilities == nil {
		d.Capabilities = &v1.Capabilities{}
	}
	if len(d.Hyperparameters) > mostHyper {
		return fmt.Errorf("describes %d hyperparameters; the limit is %d", len(d.Hyperparameters), mostHyper)
	}
	texts := []string{d.Version, d.Summary, d.Reference, d.Kernel}
	seen := map[string]bool{}
	for _, h := range d.Hyperparameters {
		texts = append(append(texts, h.Doc), h.Choices...)
		if !hyperName.MatchString(h.Name) || seen[h.Name] {
			return fmt.Errorf("describes a hyperparameter %q; names are lower-case letters, digits and _, and each is there once",
				clip(h.Name))
		}
		seen[h.Name] = true
		if fault := proto.CheckValue(h, h.Default); fault != nil {
			return fmt.Errorf("describes the hyperparameter %s with a default that it does not allow: %s", h.Name,
				clip(fault.Message))
		}
		number := h.Type == v1.HyperparameterType_HYPERPARAMETER_TYPE_FLOAT ||
			h.Type == v1.HyperparameterType_HYPERPARAMETER_TYPE_INTEGER
		if h.Schedulable && !number {
			return fmt.Errorf("describes the hyperparameter %s as schedulable, but it is no number", h.Name)
		}
	}
	for _, text := range texts {
		if clip(text) != text {
			return fmt.Errorf("describes itself with the text %q, which is too long or cannot be printed", clip(text))
		}
	}
	return nil
}

// clip makes a text from a plugin fit for people: not too long, and nothing in it commands their terminal.
func clip(s string) string {
	if len(s) > mostText {
		s = strings.ToValidUTF8(s[:mostText], "") + "..."
	}
	return terminal.EscapeLines(s)
}
