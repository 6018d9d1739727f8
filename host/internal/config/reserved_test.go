package config

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"testing"

	"github.com/steepest/steepest/proto"
)

// TestReservedNames: no plugin may call a hyperparameter like a key that [[optimizer]] reads for itself.
func TestReservedNames(t *testing.T) {
	syntax, err := parser.ParseFile(token.NewFileSet(), "optimizer.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	ast.Inspect(syntax, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) == 0 {
			return true
		}
		method, ok := call.Fun.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		receiver, ok := method.X.(*ast.Ident)
		key, literal := call.Args[0].(*ast.BasicLit)
		if !ok || receiver.Name != "sub" || !literal {
			return true
		}
		found++
		if name, _ := strconv.Unquote(key.Value); !slices.Contains(proto.Reserved, name) {
			t.Errorf("sub.%s reads the key %q, which proto.Reserved does not keep from plugins", method.Sel.Name, name)
		}
		return true
	})
	if found < 5 {
		t.Errorf("only %d keys were found", found)
	}
}
