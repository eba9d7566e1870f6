package io.revfs.remote.s3;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.async.AsyncResponseTransformer;
import software.amazon.awssdk.core.async.SdkPublisher;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/**
 * All of an object: a small one in memory, since handing over each packet costs more than the
 * packet; a large one as a stream.
 */
record WholeObject(
    byte @Nullable [] bytes, @Nullable ResponseInputStream<GetObjectResponse> large, long size) {
  private static final long SMALL_BYTES = 1 << 20;

  ResponseInputStream<GetObjectResponse> stream() {
    if (large == null) {
      throw new IllegalStateException("a small one");
    }
    return large;
  }

  /** Decides when the length is known. */
  static final class Transformer
      implements AsyncResponseTransformer<GetObjectResponse, WholeObject> {
    private final CompletableFuture<WholeObject> result = new CompletableFuture<>();
    private @Nullable
        AsyncResponseTransformer<GetObjectResponse, ResponseInputStream<GetObjectResponse>>
        stream;
    private long size;

    @Override
    public CompletableFuture<WholeObject> prepare() {
      return result;
    }

    @Override
    public void onResponse(GetObjectResponse response) {
      size = response.contentLength();
      if (size > SMALL_BYTES) {
        stream = AsyncResponseTransformer.toBlockingInputStream();
        var unused =
            stream
                .prepare()
                .whenComplete(
                    (in, failure) -> {
                      if (failure != null) {
                        result.completeExceptionally(failure);
                      } else {
                        result.complete(new WholeObject(null, in, size));
                      }
                    });
        stream.onResponse(response);
      }
    }

    @Override
    public void onStream(SdkPublisher<ByteBuffer> publisher) {
      if (stream != null) {
        stream.onStream(publisher);
      } else {
        publisher.subscribe(new Collector(result, (int) size));
      }
    }

    @Override
    public void exceptionOccurred(Throwable failure) {
      if (stream != null) {
        stream.exceptionOccurred(failure);
      }
      result.completeExceptionally(failure);
    }
  }

  /** Puts packets together. */
  private static final class Collector implements Subscriber<ByteBuffer> {
    private final CompletableFuture<WholeObject> result;
    private final ByteArrayOutputStream bytes;

    Collector(CompletableFuture<WholeObject> result, int size) {
      this.result = result;
      this.bytes = new ByteArrayOutputStream(size);
    }

    @Override
    public void onSubscribe(Subscription subscription) {
      subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(ByteBuffer packet) {
      byte[] some = new byte[packet.remaining()];
      packet.get(some);
      bytes.writeBytes(some);
    }

    @Override
    public void onError(Throwable failure) {
      result.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
      result.complete(new WholeObject(bytes.toByteArray(), null, bytes.size()));
    }
  }
}
