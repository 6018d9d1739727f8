package plugin

import (
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/steepest/steepest/host/internal/optimizer"
	steepest "github.com/steepest/steepest/proto"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// FuzzDescribe: a description that passes the check can be used for everything that the host uses it for.
func FuzzDescribe(f *testing.F) {
	good, err := proto.Marshal(&v1.DescribeResponse{Name: "x", Hyperparameters: []*v1.Hyperparameter{{
		Name: "lr", Type: v1.HyperparameterType_HYPERPARAMETER_TYPE_FLOAT, Schedulable: true,
		Default: &v1.Value{Kind: &v1.Value_Float{Float: 1}}, Interval: &v1.Interval{High: 2},
	}}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte("\n\x01x"))
	f.Fuzz(func(t *testing.T, b []byte) {
		var d v1.DescribeResponse
		if proto.Unmarshal(b, &d) != nil || checkDescription("x", &d) != nil {
			return
		}
		names := map[string]bool{}
		for _, h := range d.Hyperparameters {
			if names[h.Name] || h.Default == nil || steepest.CheckValue(h, h.Default) != nil {
				t.Errorf("%v", h)
			}
			names[h.Name] = true
			_ = steepest.FormatInterval(h.Interval) + steepest.FormatValue(h.Default)
		}
		for _, h := range steepest.Schedulable(&d) {
			_ = steepest.Number(h.Default)
		}
		if d.Capabilities == nil || optimizer.Clip(d.Summary) != d.Summary {
			t.Errorf("%v", &d)
		}
	})
}
