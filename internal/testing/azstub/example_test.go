package azstub_test

import (
	"context"
	"fmt"
	"log"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"

	"github.com/tidegate/tidegate/internal/testing/azstub"
)

// A server counts what a piece of code asks for, and fails where it is told to.
func Example() {
	ctx := context.Background()
	s, err := azstub.New(azstub.Options{})
	if err != nil {
		log.Fatal(err)
	}
	if err := s.Listen(ctx, "127.0.0.1:0"); err != nil {
		log.Fatal(err)
	}
	defer s.Close()
	s.CreateContainer("files")
	c, err := azblob.NewClientFromConnectionString(s.ConnectionString(), nil)
	if err != nil {
		log.Fatal(err)
	}

	before := s.Counts()
	_, err = c.UploadBuffer(ctx, "files", "greeting", []byte("hello"), nil)
	fmt.Println(err, s.Counts().Since(before))

	s.AddRule(azstub.Rule{Kinds: []azstub.Kind{azstub.DeleteBlob}, Fault: azstub.Fail(azstub.AfterWork(), 409, "LeaseLost")})
	_, err = c.DeleteBlob(ctx, "files", "greeting", nil)
	_, there := s.Blob("files", "greeting")
	fmt.Println(bloberror.HasCode(err, bloberror.LeaseLost), there)
	// Output:
	// <nil> PutBlob 1
	// true false
}
