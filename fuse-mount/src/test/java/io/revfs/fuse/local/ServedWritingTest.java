package io.revfs.fuse.local;

import io.revfs.fuse.MountOptions;
import org.junit.jupiter.api.condition.EnabledIf;

/** Each read and write is answered here, as where the kernel may not do it by itself. */
@EnabledIf("io.revfs.fuse.Shell#isRoot")
class ServedWritingTest extends WritableMountsContract {
  ServedWritingTest() {
    super(MountOptions.Serve.PAGE_CACHE);
  }
}
