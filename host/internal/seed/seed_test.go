package seed

import "testing"

// TestStable holds the numbers of some branches: if they change, every recorded seed means something else.
func TestStable(t *testing.T) {
	root := New(1)
	for _, c := range []struct {
		name string
		node Tree
		want [2]uint64
	}{
		{"init", root.Branch("init"), [2]uint64{0x7192d10337a8d843, 0xd9c946c143898c19}},
		{"batch, epoch 3", root.Branch("batch").Index(3), [2]uint64{0x1216ffeb40b21641, 0x07f480dcfa362109}},
		{"another seed", New(2).Branch("init"), [2]uint64{0x1120c7ec6f12039f, 0xee8977cea33ceeac}},
	} {
		r := c.node.Rand()
		if got := [2]uint64{r.Uint64(), r.Uint64()}; got != c.want {
			t.Errorf("%s: got %#x, want %#x", c.name, got, c.want)
		}
	}
}

func TestBranchesDiffer(t *testing.T) {
	seen := map[Tree]string{}
	for name, node := range map[string]Tree{
		"root 0": New(0), "root 1": New(1), "a": New(1).Branch("a"), "b": New(1).Branch("b"), "ab": New(1).Branch("ab"),
		"a/b": New(1).Branch("a").Branch("b"), "a/0": New(1).Branch("a").Index(0), "a/1": New(1).Branch("a").Index(1),
	} {
		if other, taken := seen[node]; taken {
			t.Errorf("%s is %s", name, other)
		}
		seen[node] = name
	}
}
