package plugin

import (
	"fmt"
	"strings"

	"github.com/steepest/steepest/host/internal/optimizer"
	"github.com/steepest/steepest/proto"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// checkDescription refuses what no plugin says of itself: the rest of the host relies on it. It fills in what may be left
// out.
func checkDescription(name string, d *v1.DescribeResponse) error {
	if d.Name != name {
		return fmt.Errorf("calls itself %s; rename the file to %s%s", proto.Quote(d.Name), proto.BinaryPrefix, optimizer.Clip(d.Name))
	}
	if d.Capabilities == nil {
		d.Capabilities = &v1.Capabilities{}
	}
	if err := proto.CheckDescription(d); err != nil {
		return fmt.Errorf("describes itself wrongly: %s", strings.ReplaceAll(optimizer.Clip(err.Error()), "\n", "; "))
	}
	return nil
}
