package io.revfs.command.tracking;

import io.revfs.command.Invocation;
import io.revfs.workspace.store.Progress;
import java.util.concurrent.atomic.LongAdder;

/**
 * Shows a caller how far the work on his files has come: in bytes as long as files are read, which
 * is what takes time then, else in files. Totals grow while directories are still listed.
 * Thread-safe.
 */
final class CallProgress implements Progress {
  private final Invocation call;
  private final String label;
  private final LongAdder files = new LongAdder();
  private final LongAdder bytes = new LongAdder();
  private final LongAdder expectedFiles = new LongAdder();
  private final LongAdder expectedBytes = new LongAdder();

  CallProgress(Invocation call, String label) {
    this.call = call;
    this.label = label;
  }

  @Override
  public void expect(long moreFiles, long moreBytes) {
    expectedFiles.add(moreFiles);
    expectedBytes.add(moreBytes);
  }

  @Override
  public void done(long moreFiles, long moreBytes) {
    files.add(moreFiles);
    bytes.add(moreBytes);
    if (bytes.sum() < expectedBytes.sum()) {
      call.progress(label, bytes.sum(), expectedBytes.sum(), "bytes");
    } else {
      call.progress(label, files.sum(), expectedFiles.sum(), "files");
    }
  }
}
