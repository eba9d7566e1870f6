package io.revfs.transfer;

/** Is told how far a transfer is; on any thread. */
public interface TransferListener {
  /** Tells nobody. */
  TransferListener NONE =
      new TransferListener() {
        @Override
        public void expect(long objects, long bytes) {}

        @Override
        public void moved(long bytes) {}

        @Override
        public void done(long objects) {}
      };

  /**
   * So many objects more are to be transferred.
   *
   * @param bytes of all of them; 0 if that is not known
   */
  void expect(long objects, long bytes);

  /** So many bytes more have travelled; less than nothing if some must travel again. */
  void moved(long bytes);

  /** So many objects more are where they should be. */
  void done(long objects);
}
