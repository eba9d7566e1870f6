package io.revfs.fuse;

import org.junit.jupiter.api.condition.EnabledIf;

/** The contract, over the kernel session: opens are not answered. Mounting takes root's rights. */
@EnabledIf("io.revfs.fuse.Shell#isRoot")
class PageCacheMountsTest extends FuseMountsContract {
  PageCacheMountsTest() {
    super(MountOptions.Backend.KERNEL, MountOptions.Serve.PAGE_CACHE);
  }
}
