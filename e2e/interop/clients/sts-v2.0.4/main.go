// The client sts-v2.0.4 of the vendor's SDK for Go, for make interop.
package main

import (
	sdk "github.com/alibabacloud-go/sts-20150401/v2/client"

	"ackrevoke/e2e/interop/call"
)

func main() { call.Serve(sdk.NewClient) }
