package call

import (
	"reflect"
	"slices"
	"strings"
)

// fields lists the paths of all fields of a type, by their names in JSON.
func fields(t reflect.Type, at string, above []reflect.Type) []string {
	switch t.Kind() {
	case reflect.Pointer:
		return fields(t.Elem(), at, above)
	case reflect.Slice:
		return fields(t.Elem(), at+"[]", above)
	case reflect.Map, reflect.Interface:
		return []string{at + "{}"}
	case reflect.Struct:
		if slices.Contains(above, t) {
			return nil // a type within itself: what can be said has been
		}
		var out []string
		for i := range t.NumField() {
			f := t.Field(i)
			if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" && f.IsExported() {
				out = append(out, fields(f.Type, at+"."+name, append(above, t))...)
			}
		}
		return out
	}
	return []string{at}
}
