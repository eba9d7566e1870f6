package io.revfs.fuse;

/** The contract, over jnr-fuse. */
class JnrMountsTest extends FuseMountsContract {
  JnrMountsTest() {
    super(MountOptions.Backend.JNR, MountOptions.Serve.AUTO);
  }
}
