// The client cs-v5.9.5 of the vendor's SDK for Go, for make interop.
package main

import (
	sdk "github.com/alibabacloud-go/cs-20151215/v5/client"

	"ackrevoke/e2e/interop/call"
)

func main() { call.Serve(sdk.NewClient) }
