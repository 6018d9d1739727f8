package store

import (
	"fmt"

	"github.com/steepest/steepest/host/internal/blas"
)

// Numerics are what the bits of a run follow from beside what is asked of it: the arithmetic that it met, and the version of this
// program. A run meets others when it is resumed elsewhere. They are recorded for each segment of a run, compared when it is
// resumed, and are no part of its identity.
type Numerics struct {
	blas.Numerics
	Host string `json:"host_version"`
}

// NumericsMet are those of this program here and now, after the BLAS was chosen.
func NumericsMet() Numerics {
	version, commit := Version()
	if version == "devel" && commit != "" {
		version += " " + commit
	}
	return Numerics{blas.NumericsMet(), version}
}

// Difference names what differs in others, with both values; empty if nothing does.
func (n Numerics) Difference(now Numerics) string {
	if n == (Numerics{}) {
		return "record of the arithmetic (none, now " + now.String() + ")"
	}
	fused := map[bool]string{false: "off", true: "on"}
	for _, part := range [][3]string{
		{"architecture", n.Arch, now.Arch}, {"BLAS", n.BLAS, now.BLAS}, {"fused multiply-add", fused[n.FMA], fused[now.FMA]},
		{"fingerprint of the arithmetic", n.Fingerprint, now.Fingerprint}, {"version of steepest", n.Host, now.Host},
	} {
		if part[1] != part[2] {
			return fmt.Sprintf("%s (%s, now %s)", part[0], part[1], part[2])
		}
	}
	return ""
}
