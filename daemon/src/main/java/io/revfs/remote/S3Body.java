package io.revfs.remote;

import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import software.amazon.awssdk.core.async.AsyncResponseTransformer;
import software.amazon.awssdk.core.async.SdkPublisher;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/**
 * The body of an answer, taken by one thread piece by piece, just as the pieces came from the
 * network: the SDK's own input stream copies each once more. A few pieces are under way at a time,
 * so who takes them slowly slows the connection down instead of filling memory.
 */
final class S3Body
    implements AsyncResponseTransformer<GetObjectResponse, GetObjectResponse>,
        Subscriber<ByteBuffer> {
  private static final int PIECES_UNDER_WAY = 8;

  /** In place of a piece: there is no more, for the reason given if there is one. */
  private record End(@Nullable Throwable failure) {}

  private final BlockingQueue<Object> arrived = new LinkedBlockingQueue<>();
  private volatile @Nullable Subscription subscription;
  private CompletableFuture<GetObjectResponse> begun = new CompletableFuture<>();
  private volatile boolean cancelled;

  @Override
  public CompletableFuture<GetObjectResponse> prepare() {
    begun = new CompletableFuture<>();
    return begun;
  }

  @Override
  public void onResponse(GetObjectResponse response) {
    begun.complete(response);
  }

  @Override
  public void onStream(SdkPublisher<ByteBuffer> publisher) {
    publisher.subscribe(this);
  }

  @Override
  public void exceptionOccurred(Throwable error) {
    begun.completeExceptionally(error);
    arrived.add(new End(error));
  }

  @Override
  public void onSubscribe(Subscription s) {
    subscription = s;
    if (cancelled) {
      s.cancel();
    } else {
      s.request(PIECES_UNDER_WAY);
    }
  }

  @Override
  public void onNext(ByteBuffer piece) {
    arrived.add(piece);
  }

  @Override
  public void onError(Throwable error) {
    arrived.add(new End(error));
  }

  @Override
  public void onComplete() {
    arrived.add(new End(null));
  }

  /**
   * Returns the next piece, null at the end.
   *
   * @throws TimeoutException if none comes in time
   * @throws java.util.concurrent.CompletionException around what went wrong
   */
  @Nullable ByteBuffer take(long milliseconds) throws InterruptedException, TimeoutException {
    Object next = arrived.poll(milliseconds, TimeUnit.MILLISECONDS);
    if (next == null) {
      throw new TimeoutException();
    }
    if (next instanceof End end) {
      arrived.add(end); // whoever asks again hears the same
      if (end.failure() != null) {
        throw new java.util.concurrent.CompletionException(end.failure());
      }
      return null;
    }
    Subscription s = subscription;
    if (s != null) {
      s.request(1);
    }
    return (ByteBuffer) next;
  }

  /** Gives up the rest; the connection is closed unless all has come. */
  void cancel() {
    cancelled = true;
    Subscription s = subscription;
    if (s != null) {
      s.cancel();
    }
  }
}
