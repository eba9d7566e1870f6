package io.revfs.fuse.local;

import io.revfs.fuse.MountOptions;
import org.junit.jupiter.api.condition.EnabledIf;

/**
 * The kernel reads and writes the files below by itself. So it does where a file gets a set-id bit
 * while somebody has it open for writing, and does not take the bit away when he writes.
 */
@EnabledIf("io.revfs.fuse.Shell#isRoot")
class PassthroughWritingTest extends WritableMountsContract {
  PassthroughWritingTest() {
    super(MountOptions.Serve.PASSTHROUGH, "modes_write_onADescriptor_takesSetIdAway");
  }
}
