package bucket

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/s3/transfermanager"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
	"gocloud.dev/blob"
	"gocloud.dev/blob/s3blob"
)

const (
	// partSize is the smallest that S3 takes. An upload has three of them in memory at most, one
	// that is sent and two that are filled.
	partSize = 5 << 20
	// abortTimeout is for taking back the parts of an upload that failed.
	abortTimeout = 10 * time.Second
)

// openS3 opens a bucket of S3, which may be away. Who we are the AWS SDK finds in the environment.
func openS3(ctx context.Context, u *url.URL) (*Bucket, error) {
	blobs, err := new(s3blob.URLOpener).OpenBucketURL(ctx, u)
	if err != nil {
		return nil, errors.New("an address of S3 has parameters that it should not have")
	}
	var client *s3.Client
	if !blobs.As(&client) {
		return nil, errors.New("the bucket is none of S3")
	}
	b := &Bucket{blobs: blobs, scraps: func(ctx context.Context, key string) error {
		return abortUploads(ctx, client, u.Host, key)
	}}
	b.options = func() blob.WriterOptions {
		return blob.WriterOptions{BufferSize: partSize, MaxConcurrency: 1}
	}
	b.sync = func(as func(any) bool) func() error {
		var m *transfermanager.Client
		if as(&m) {
			*m = *newManager(client)
		}
		return nil
	}
	return b, nil
}

// newManager is what gocloud.dev makes, but keeps less in memory at the beginning of an upload,
// and takes the parts of one back whose request is over.
func newManager(client *s3.Client) *transfermanager.Client {
	return transfermanager.New(client, func(o *transfermanager.Options) {
		o.RequestChecksumCalculation = client.Options().RequestChecksumCalculation
		o.PartSizeBytes, o.MultipartUploadThreshold, o.Concurrency = partSize, partSize, 1
		o.FailTimeout = abortTimeout
	})
}

// abortUploads removes the parts of an object that was never whole: nobody sees them, but they
// are paid for.
func abortUploads(ctx context.Context, client *s3.Client, bucket, key string) error {
	found, err := client.ListMultipartUploads(ctx, &s3.ListMultipartUploadsInput{Bucket: &bucket, Prefix: &key})
	var failure smithy.APIError
	if errors.As(err, &failure) && failure.ErrorCode() == "NotImplemented" {
		return nil
	}
	if err != nil {
		return fmt.Errorf("list uploads: %w", err)
	}
	for _, u := range found.Uploads {
		_, err := client.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{Bucket: &bucket, Key: u.Key, UploadId: u.UploadId})
		if err != nil {
			return fmt.Errorf("abort upload: %w", err)
		}
	}
	return nil
}
