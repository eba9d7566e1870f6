package io.revfs.fuse.local;

import io.revfs.fuse.MountOptions;
import org.junit.jupiter.api.condition.EnabledIf;

/** The kernel reads and writes the files below by itself. */
@EnabledIf("io.revfs.fuse.Shell#isRoot")
class PassthroughWritingTest extends WritableMountsContract {
  PassthroughWritingTest() {
    super(MountOptions.Serve.PASSTHROUGH);
  }
}
