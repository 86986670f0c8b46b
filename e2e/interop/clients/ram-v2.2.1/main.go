// The client ram-v2.2.1 of the vendor's SDK for Go, for make interop.
package main

import (
	sdk "github.com/alibabacloud-go/ram-20150501/v2/client"

	"ackrevoke/e2e/interop/call"
)

func main() { call.Serve(sdk.NewClient) }
