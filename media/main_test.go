package media_test

import (
	"os"
	"testing"

	"expresschat/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(storetest.Main(m)) }
