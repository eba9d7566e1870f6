package io.revfs.fuse;

import org.junit.jupiter.api.condition.EnabledIf;

/**
 * The contract, over the kernel session: the kernel reads local files by itself. Mounting takes
 * root's rights.
 */
@EnabledIf("io.revfs.fuse.Shell#isRoot")
class PassthroughMountsTest extends FuseMountsContract {
  PassthroughMountsTest() {
    super(MountOptions.Backend.KERNEL, MountOptions.Serve.PASSTHROUGH);
  }
}
