// Package call is how the driver of make interop speaks with the clients it tries, and the half of it that is linked into each of
// them. A client is a process of its own, because two versions of one SDK cannot be in one program: it reads an Ask a line, makes
// that call with the SDK's own method and types, and writes a Told a line.
package call

import "encoding/json"

// Hello is the first line of a client.
type Hello struct {
	// Modules are the vendor's modules that are linked in, with their versions as the linker knows them.
	Modules map[string]string
	// Methods are the methods of the SDK's client.
	Methods []string
}

// Ask is one call to make.
type Ask struct {
	At                 string // host and port
	Key, Secret, Token string
	Operation          string
	Path               []string        // the texts that the method takes, in its order
	Request            json.RawMessage `json:",omitempty"` // the fields of the request it takes, as JSON names them
}

// Told is what came of it.
type Told struct {
	// Cannot says why the call could not be made: the SDK has no such method, or its request no such field.
	Cannot string `json:",omitempty"`
	// Status and RequestID are those of a success.
	Status    int
	RequestID string
	// Body is the body as the SDK decoded it, written out again; fields that it left nil are not there.
	Body json.RawMessage `json:",omitempty"`
	// Fields are the paths of all fields that the type of the body has, a list as name[] and a free map as name{}.
	Fields []string
	// Failure is the error of the call; nil for a success.
	Failure *Failure `json:",omitempty"`
}

// Failure is an error as the SDK typed it.
type Failure struct {
	Code    string
	Status  int
	Message string
	Denied  map[string]any `json:",omitempty"`
	// Untyped is the text of an error that is none of the SDK's own; then the rest is empty.
	Untyped string `json:",omitempty"`
}
