// Package tools holds the chart of deploy/chart and the kustomize bases of
// deploy/kustomize to what the documents promise of them. It is a module of its
// own: helm, and the types of Kubernetes, are nothing that the program needs.
//
// Open chart_test.go first: it renders every combination of values in
// deploy/chart/ci with the real helm, and looks at every pod that comes out.
// modes_test.go has what each mode passes to the program, refused_test.go what no
// install gets past, kustomize_test.go and alerts_test.go the rest.
//
//	make chart             # all of it
//	make chart UPDATE=1    # and render the kustomize bases anew
package tools
