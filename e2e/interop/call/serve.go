package call

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"runtime/debug"
	"strings"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	"github.com/alibabacloud-go/tea/tea"
)

// Serve makes calls with a client of the SDK until there is nothing more to ask. It is the whole of a client's main function.
func Serve[Client any](open func(*openapi.Config) (Client, error)) {
	out := json.NewEncoder(os.Stdout)
	write := func(line any) {
		if err := out.Encode(line); err != nil {
			os.Exit(1) // the driver has gone
		}
	}
	write(hello(reflect.TypeFor[Client]()))
	for in := json.NewDecoder(os.Stdin); ; {
		var ask Ask
		if err := in.Decode(&ask); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			fmt.Fprintln(os.Stderr, "cannot read what is asked:", err)
			os.Exit(1)
		}
		client, err := open(ask.config())
		if err != nil {
			write(Told{Cannot: err.Error()})
			continue
		}
		write(ask.of(reflect.ValueOf(client)))
	}
}

func hello(client reflect.Type) Hello {
	h := Hello{Modules: make(map[string]string)}
	for i := range client.NumMethod() {
		h.Methods = append(h.Methods, client.Method(i).Name)
	}
	info, _ := debug.ReadBuildInfo() // where it is missing, so are the versions, and the driver complains
	if info == nil {
		return h
	}
	for _, m := range info.Deps {
		if strings.HasPrefix(m.Path, "github.com/alibabacloud-go/") {
			h.Modules[m.Path] = m.Version
		}
	}
	return h
}

func (a Ask) config() *openapi.Config {
	c := &openapi.Config{
		AccessKeyId: tea.String(a.Key), AccessKeySecret: tea.String(a.Secret), Endpoint: tea.String(a.At), Protocol: tea.String("http"),
		RegionId: tea.String("cn-hangzhou"), ReadTimeout: tea.Int(10_000), ConnectTimeout: tea.Int(10_000),
	}
	if a.Token != "" {
		c.SecurityToken = tea.String(a.Token)
	}
	return c
}

// of makes the call. What is generated from one description has one shape: texts of the path, then perhaps a request; an answer
// with StatusCode, Headers and perhaps a Body, and an error.
func (a Ask) of(client reflect.Value) (told Told) {
	method := client.MethodByName(a.Operation)
	if !method.IsValid() {
		return Told{Cannot: "there is no such method in this version"}
	}
	in, err := a.arguments(method.Type())
	if err != nil {
		return Told{Cannot: err.Error()}
	}
	defer func() {
		if p := recover(); p != nil {
			told.Failure = &Failure{Untyped: fmt.Sprint("the SDK panics: ", p)}
		}
	}()
	out := method.Call(in)
	if field, has := out[0].Type().Elem().FieldByName("Body"); has {
		told.Fields = fields(field.Type, "", nil)
	}
	if err, _ := out[1].Interface().(error); err != nil {
		told.Failure = failure(err)
		return told
	}
	told.read(out[0].Elem())
	return told
}

func (a Ask) arguments(method reflect.Type) ([]reflect.Value, error) {
	var in []reflect.Value
	path := a.Path
	for i := range method.NumIn() {
		switch t := method.In(i); {
		case t != reflect.TypeFor[*string]():
			request := reflect.New(t.Elem())
			strict := json.NewDecoder(bytes.NewReader(a.Request))
			strict.DisallowUnknownFields()
			if err := strict.Decode(request.Interface()); err != nil && a.Request != nil {
				return nil, err
			}
			in = append(in, request)
		case len(path) == 0:
			return nil, errors.New("it takes more texts for its path")
		default:
			in, path = append(in, reflect.ValueOf(tea.String(path[0]))), path[1:]
		}
	}
	if len(path) > 0 {
		return nil, errors.New("it takes fewer texts for its path")
	}
	return in, nil
}

// read takes an answer of the SDK apart.
func (told *Told) read(answer reflect.Value) {
	status, _ := answer.FieldByName("StatusCode").Interface().(*int32)
	headers, _ := answer.FieldByName("Headers").Interface().(map[string]*string)
	told.Status, told.RequestID = int(tea.Int32Value(status)), tea.StringValue(headers["x-acs-request-id"])
	body := answer.FieldByName("Body")
	if !body.IsValid() || body.IsNil() {
		return
	}
	text, err := json.Marshal(body.Interface())
	if err != nil {
		told.Failure = &Failure{Untyped: "what the SDK decoded cannot be written: " + err.Error()}
	}
	told.Body = text
}

func failure(err error) *Failure {
	var typed *tea.SDKError
	if !errors.As(err, &typed) {
		return &Failure{Untyped: fmt.Sprintf("%T: %v", err, err)}
	}
	return &Failure{Code: tea.StringValue(typed.Code), Status: tea.IntValue(typed.StatusCode), Message: tea.StringValue(typed.Message),
		Denied: typed.AccessDeniedDetail}
}
