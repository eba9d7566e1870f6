package io.revfs.remote.wrapper;

import io.revfs.object.ByteConsumer;
import io.revfs.object.ObjectMissingException;
import io.revfs.remote.Redaction;
import io.revfs.remote.Remote;
import io.revfs.remote.RemoteFigures;
import io.revfs.remote.RemoteKey;
import io.revfs.remote.RemoteObject;
import io.revfs.remote.Upload;
import java.io.IOException;
import java.util.concurrent.atomic.LongAdder;

/** Counts what a remote is asked and how it does. */
final class MonitoredRemote extends ForwardingRemote {
  private final LongAdder requests = new LongAdder();
  private final LongAdder failures = new LongAdder();
  private final LongAdder bytesRead = new LongAdder();
  private final LongAdder bytesWritten = new LongAdder();
  private volatile String lastError = "";

  MonitoredRemote(Remote inner) {
    super(inner);
  }

  RemoteFigures figures() {
    return new RemoteFigures(
        requests.sum(), failures.sum(), bytesRead.sum(), bytesWritten.sum(), lastError);
  }

  @Override
  <T> T around(Request<T> request) throws IOException {
    requests.increment();
    try {
      T result = request.run();
      lastError = "";
      return result;
    } catch (ObjectMissingException e) {
      lastError = ""; // it answered
      throw e;
    } catch (IOException e) {
      failures.increment();
      lastError = Redaction.message(e);
      throw e;
    }
  }

  @Override
  public void read(RemoteKey key, long offset, long length, ByteConsumer consumer)
      throws IOException {
    super.read(key, offset, length, counting(consumer));
  }

  @Override
  public long readAll(RemoteKey key, ByteConsumer consumer) throws IOException {
    return super.readAll(key, counting(consumer));
  }

  private ByteConsumer counting(ByteConsumer consumer) {
    return bytes -> {
      bytesRead.add(bytes.remaining());
      consumer.accept(bytes);
    };
  }

  @Override
  public RemoteObject write(String path, Upload upload) throws IOException {
    RemoteObject written = super.write(path, upload);
    bytesWritten.add(upload.size());
    return written;
  }
}
