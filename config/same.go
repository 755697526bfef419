package config

import (
	"reflect"

	"github.com/hashicorp/hcl/v2"
)

// Same reports whether two bodies of blocks have the same type and the same values,
// regardless of their places in the files. It compares the exported fields. It reports
// false for a value that cannot be compared, such as a function.
func Same(a, b Body) bool {
	return sameValue(reflect.ValueOf(a), reflect.ValueOf(b))
}

// sameValue compares two values as Same does.
func sameValue(a, b reflect.Value) bool {
	if a.IsValid() != b.IsValid() {
		return false
	}
	if !a.IsValid() {
		return true
	}
	if a.Type() != b.Type() {
		return false
	}
	switch a.Kind() {
	case reflect.Pointer, reflect.Interface:
		if a.IsNil() || b.IsNil() {
			return a.IsNil() == b.IsNil()
		}
		return sameValue(a.Elem(), b.Elem())
	case reflect.Struct:
		return sameFields(a, b)
	case reflect.Slice, reflect.Array:
		if a.Len() != b.Len() {
			return false
		}
		for i := range a.Len() {
			if !sameValue(a.Index(i), b.Index(i)) {
				return false
			}
		}
		return true
	case reflect.Map:
		if a.Len() != b.Len() {
			return false
		}
		for _, key := range a.MapKeys() {
			if !sameValue(a.MapIndex(key), b.MapIndex(key)) {
				return false
			}
		}
		return true
	default:
		return a.Comparable() && a.Equal(b)
	}
}

// sameFields compares two structs of one type. Fields with a place or an expression do not
// count: a body has the value of an expression in another field.
func sameFields(a, b reflect.Value) bool {
	for i := range a.NumField() {
		field := a.Type().Field(i)
		if !field.IsExported() || isPlace(field.Type) {
			continue
		}
		if !sameValue(a.Field(i), b.Field(i)) {
			return false
		}
	}
	return true
}

// isPlace reports whether a type stands for a part of a file, and not for a value.
func isPlace(t reflect.Type) bool {
	switch t {
	case reflect.TypeFor[hcl.Range](), reflect.TypeFor[*hcl.Range](), reflect.TypeFor[hcl.Body](), reflect.TypeFor[hcl.Expression]():
		return true
	}
	return false
}
