// Package query chooses among things by what is known of them: optimizer = adam and lr < 0.1.
package query

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Fields is what is known of a thing under a name: texts, of numbers as they are written, several of a list. There are none if nothing
// is known.
type Fields func(name string) []string

// Query is a condition. That of an empty text holds of everything.
type Query struct {
	text        string
	root        node
	names       []string
	comparisons []Comparison
}

// node is a part of a condition.
type node interface{ holds(Fields) bool }

type (
	and []node
	or  []node
	not struct{ node }
)

// Comparison is a part of a condition that compares.
type Comparison struct{ Name, Operator, Value string }

func (a and) holds(f Fields) bool {
	return !slices.ContainsFunc(a, func(n node) bool { return !n.holds(f) })
}

func (o or) holds(f Fields) bool {
	return slices.ContainsFunc(o, func(n node) bool { return n.holds(f) })
}

func (n not) holds(f Fields) bool { return !n.node.holds(f) }

// holds compares as numbers where both sides are some. Of several values one must hold, but != holds if none of them is the value. Of what is
// not known no comparison holds.
func (c Comparison) holds(f Fields) bool {
	values := f(c.Name)
	if c.Operator == "!=" {
		c.Operator = "="
		return len(values) > 0 && !slices.ContainsFunc(values, c.of)
	}
	return slices.ContainsFunc(values, c.of)
}

// of compares one value.
func (c Comparison) of(x string) bool {
	if c.Operator == "~" {
		return strings.Contains(strings.ToLower(x), strings.ToLower(c.Value))
	}
	order := strings.Compare(x, c.Value)
	a, err1 := strconv.ParseFloat(x, 64)
	b, err2 := strconv.ParseFloat(c.Value, 64)
	if err1 == nil && err2 == nil {
		if a != a || b != b {
			return c.Operator == "=" && a != a && b != b
		}
		order = cmp.Compare(a, b)
	}
	switch c.Operator {
	case "=":
		return order == 0
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	}
	return order >= 0
}

// Match tells whether the condition holds.
func (q Query) Match(f Fields) bool { return q.root == nil || q.root.holds(f) }

// Names are those that the condition asks for, each once.
func (q Query) Names() []string { return q.names }

// Comparisons are those of the condition, in their order.
func (q Query) Comparisons() []Comparison { return q.comparisons }

// String is the text of the condition.
func (q Query) String() string { return q.text }

// Error is what is wrong with a condition, and where.
type Error struct {
	Text    string
	Column  int // from 1, in characters
	Message string
	Remedy  string
}

func (e *Error) Error() string {
	return fmt.Sprintf("%s\n  %s\n  %s^\n  remedy: %s", e.Message, e.Text, strings.Repeat(" ", e.Column-1), e.Remedy)
}

// Parse reads a condition: NAME OPERATOR VALUE, joined by and, or, not and parentheses; and binds closer than or. The operators are
// =, !=, <, <=, >, >= and ~, which holds of a text that has the value in it. A value with blanks stands in quotation marks. The error
// is an Error.
func Parse(text string) (Query, error) {
	p := &parser{text: text}
	q := Query{text: text}
	if p.peek().kind == end {
		return q, p.err
	}
	q.root = p.disjunction()
	if t := p.peek(); p.err == nil && t.kind != end {
		p.fail(t, fmt.Sprintf("%q stands where the condition could end", t.text), "join conditions by and, or or")
	}
	q.names, q.comparisons = p.names, p.comparisons
	return q, p.err
}

type kind int

const (
	end kind = iota
	word
	quoted
	operator
	parenthesis
)

type token struct {
	kind kind
	text string
	at   int // bytes
	next int // likewise, where what follows begins
}

type parser struct {
	text        string
	at          int
	names       []string
	comparisons []Comparison
	err         error
}

func (p *parser) fail(t token, message, remedy string) {
	if p.err == nil {
		p.err = &Error{p.text, utf8.RuneCountInString(p.text[:t.at]) + 1, message, remedy}
	}
}

const operators = "=!<>~"

// peek is the next token.
func (p *parser) peek() token {
	at := p.at
	for at < len(p.text) {
		r, size := utf8.DecodeRuneInString(p.text[at:])
		if !unicode.IsSpace(r) {
			break
		}
		at += size
	}
	rest := p.text[at:]
	take := func(k kind, n int) token { return token{k, rest[:n], at, at + n} }
	switch {
	case rest == "":
		return token{end, "", at, at}
	case rest[0] == '(' || rest[0] == ')':
		return take(parenthesis, 1)
	case strings.ContainsRune(operators, rune(rest[0])):
		n := 1
		for n < len(rest) && strings.ContainsRune(operators, rune(rest[n])) {
			n++
		}
		return take(operator, n)
	case rest[0] == '"' || rest[0] == '\'':
		n := strings.IndexByte(rest[1:], rest[0])
		if n < 0 {
			t := take(quoted, len(rest))
			p.fail(t, "a quotation mark is not closed", "write it at both ends of the value")
			return token{end, "", at, len(p.text)}
		}
		return token{quoted, rest[1 : n+1], at, at + n + 2}
	}
	n := strings.IndexFunc(rest, func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune(operators+"()\"'", r)
	})
	if n < 0 {
		n = len(rest)
	}
	return take(word, n)
}

func (p *parser) next() token {
	t := p.peek()
	p.at = t.next
	return t
}

// keyword takes a word if it comes next.
func (p *parser) keyword(text string) bool {
	if t := p.peek(); t.kind == word && strings.EqualFold(t.text, text) {
		p.at = t.next
		return true
	}
	return false
}

func (p *parser) disjunction() node {
	all := or{p.conjunction()}
	for p.err == nil && p.keyword("or") {
		all = append(all, p.conjunction())
	}
	return all
}

func (p *parser) conjunction() node {
	all := and{p.factor()}
	for p.err == nil && p.keyword("and") {
		all = append(all, p.factor())
	}
	return all
}

// mostDeep bounds how deep parentheses and negations go.
const mostDeep = 100

func (p *parser) factor() node {
	negated := 0
	for p.keyword("not") {
		negated++
	}
	var n node
	if t := p.peek(); t.kind == parenthesis && t.text == "(" {
		if p.at = t.next; strings.Count(p.text[:p.at], "(") > mostDeep {
			p.fail(t, "there are too many parentheses", fmt.Sprintf("use at most %d", mostDeep))
			return nil
		}
		n = p.disjunction()
		if t := p.next(); p.err == nil && t.text != ")" {
			p.fail(t, "a parenthesis is not closed", "write ) behind the condition")
		}
	} else {
		n = p.comparison()
	}
	if negated%2 == 1 {
		return not{n}
	}
	return n
}

func (p *parser) comparison() node {
	name := p.next()
	if name.kind != word {
		p.fail(name, "the name of what to compare is missing", "write a condition such as optimizer = adam or lr < 0.1")
		return nil
	}
	sign := p.next()
	if sign.text == "==" {
		sign.text = "="
	}
	if sign.kind != operator || !slices.Contains([]string{"=", "!=", "<", "<=", ">", ">=", "~"}, sign.text) {
		p.fail(sign, fmt.Sprintf("behind %s stands no comparison", name.text), "write one of =, !=, <, <=, >, >=, ~ and a value behind the name")
		return nil
	}
	value := p.next()
	if value.kind != word && value.kind != quoted {
		p.fail(value, fmt.Sprintf("the value to compare %s with is missing", name.text), "write a number, a word, or a text in quotation marks")
		return nil
	}
	if !slices.Contains(p.names, name.text) {
		p.names = append(p.names, name.text)
	}
	c := Comparison{name.text, sign.text, value.text}
	p.comparisons = append(p.comparisons, c)
	return c
}
