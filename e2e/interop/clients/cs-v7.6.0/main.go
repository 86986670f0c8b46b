// The client cs-v7.6.0 of the vendor's SDK for Go, for make interop.
package main

import (
	sdk "github.com/alibabacloud-go/cs-20151215/v7/client"

	"ackrevoke/e2e/interop/call"
)

func main() { call.Serve(sdk.NewClient) }
