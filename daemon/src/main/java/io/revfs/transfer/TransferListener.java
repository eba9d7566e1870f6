package io.revfs.transfer;

/** Is told how far a transfer is; on any thread. */
public interface TransferListener {
  /** Tells nobody. */
  TransferListener NONE =
      new TransferListener() {
        @Override
        public void expect(long objects) {}

        @Override
        public void done(long objects) {}
      };

  /** So many objects more are to be transferred. */
  void expect(long objects);

  /** So many objects more are where they should be. */
  void done(long objects);
}
