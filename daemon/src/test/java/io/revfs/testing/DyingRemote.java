package io.revfs.testing;

import io.revfs.object.SourceUnreachableException;
import io.revfs.remote.Remote;
import io.revfs.remote.Upload;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A remote as a process sees it that is killed at one of its requests: the request is not sent,
 * breaks off midway, or is answered to nobody; none follows.
 */
public final class DyingRemote {
  private static final Set<String> ASKS_NOBODY =
      Set.of("name", "url", "capabilities", "listing", "localFile", "close", "toString");

  private final Remote remote;
  private final int last;
  private final Runnable death;
  private final AtomicInteger requests = new AtomicInteger();

  /** {@code last}: the number of the request at which it dies, from 1. */
  public DyingRemote(Remote remote, int last) {
    this(remote, last, () -> {});
  }

  /** {@code death}: what happens to the process then. */
  public DyingRemote(Remote remote, int last, Runnable death) {
    this.remote = remote;
    this.last = last;
    this.death = death;
  }

  /** Returns whether it has died. */
  public boolean isDead() {
    return requests.get() >= last;
  }

  /** Returns the remote. */
  public Remote remote() {
    return (Remote)
        Proxy.newProxyInstance(
            Remote.class.getClassLoader(), new Class<?>[] {Remote.class}, this::invoke);
  }

  private Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
    if (ASKS_NOBODY.contains(method.getName())) {
      return run(method, arguments);
    }
    int number = requests.incrementAndGet();
    if (number > last) {
      throw killed();
    }
    if (number < last) {
      return run(method, arguments);
    }
    if (last % 3 == 0) {
      throw killed();
    }
    if (last % 3 == 1 && method.getName().equals("write")) {
      Upload whole = (Upload) arguments[1];
      Upload cut =
          new Upload(
              whole.content(),
              whole.size(),
              whole.readOnly(),
              sent -> {
                death.run();
                throw new IllegalStateException("killed");
              });
      run(method, new Object[] {arguments[0], cut});
    }
    run(method, arguments);
    throw killed();
  }

  private Object run(Method method, Object[] arguments) throws Throwable {
    try {
      return method.invoke(remote, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  private IOException killed() {
    death.run();
    return new SourceUnreachableException("store", "killed", false, null);
  }
}
