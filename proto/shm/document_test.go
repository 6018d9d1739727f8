package shm

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// TestDocument holds the table of the control page in docs/protocol.md to the offsets here: row by row offset, type, writer
// and what the meaning must speak of.
func TestDocument(t *testing.T) {
	b, err := os.ReadFile("../../docs/protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	_, rest, ok := strings.Cut(text, "| offset | type | writer | meaning |\n|---|---|---|---|\n")
	table, _, ok2 := strings.Cut(rest, "\n\n")
	if !ok || !ok2 {
		t.Fatal("the table of the control page is not there")
	}
	want := []struct {
		offset                int
		kind, writer, meaning string
	}{
		{offMagic, "uint64", "host", fmt.Sprintf("`%#x`", magic)},
		{offAnswer, "uint32", "plugin", "*answer*"},
		{offPSleeps, "uint32", "plugin", "while the plugin sleeps"},
		{offStatus, "uint32", "plugin", fmt.Sprintf("%d the update is written, %d the request was refused, %d the update rule failed, %d an",
			Done, Invalid, Failed, Ask)},
		{offLength, "uint32", "plugin", fmt.Sprintf("length of the message, at most %d", MaxMessage)},
		{offCompute, "uint64", "plugin", "nanoseconds"},
		{offAsk, "uint32", "plugin", "`AskKind`"},
		{offBatch, "uint32", "plugin", "`AskBatch`"},
		{offMessage, "bytes", "plugin", "message"},
		{offRequest, "uint32", "host", "*request*"},
		{offHSleeps, "uint32", "host", "while the host sleeps"},
		{offStep, "uint64", "host", "step"},
		{offLoss, "float64", "host", "loss"},
		{offSpin, "uint32", "host", "microseconds"},
		{offCPU, "int32", "host", "core"},
		{offThreads, "uint32", "host", "threads"},
		{offKind, "uint32", "host", fmt.Sprintf("%d for a step and %d for the answer", Step, Answer)},
		{offHyper, "float64 ...", "host", "hyperparameter"},
	}
	rows := strings.Split(table, "\n")
	if len(rows) != len(want) {
		t.Fatalf("the table has %d rows, want %d", len(rows), len(want))
	}
	for i, w := range want {
		if begin := fmt.Sprintf("| %d | %s | %s | ", w.offset, w.kind, w.writer); !strings.HasPrefix(rows[i], begin) ||
			!strings.Contains(rows[i], w.meaning) {
			t.Errorf("the row\n%s\nshould begin with\n%s\nand speak of %q", rows[i], begin, w.meaning)
		}
	}
	if size := fmt.Sprintf("| %d + %d × number of schedulable hyperparameters |", controlSize(0),
		controlSize(1)-controlSize(0)); !strings.Contains(text, size) {
		t.Errorf("the size of the control page is not %q", size)
	}
}
