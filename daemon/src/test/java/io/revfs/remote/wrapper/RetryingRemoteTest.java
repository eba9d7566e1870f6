package io.revfs.remote.wrapper;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.revfs.object.SourceUnreachableException;
import io.revfs.remote.Remote;
import io.revfs.remote.RemoteObject;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Listings of a store whose connection breaks. */
class RetryingRemoteTest {
  private static final int RETRIES = 3;

  private final List<String> got = new ArrayList<>();
  private int lists;

  /** Breaks the first listings off, after so many objects. */
  private RetryingRemote remote(int broken, int after, boolean passing) {
    Remote store =
        (Remote)
            Proxy.newProxyInstance(
                Remote.class.getClassLoader(),
                new Class<?>[] {Remote.class},
                (proxy, method, arguments) -> {
                  if (method.getName().equals("list")) {
                    list((Remote.ListSink) arguments[1], broken, after, passing);
                    return null;
                  }
                  throw new UnsupportedOperationException(method.getName());
                });
    return new RetryingRemote(store, RETRIES, time -> {}, new Random(1));
  }

  private void list(Remote.ListSink sink, int broken, int after, boolean passing)
      throws IOException {
    boolean breaks = lists++ < broken;
    for (int i = 0; i < (breaks ? after : 3); i++) {
      sink.accept(RemoteObject.of("object" + i, i));
    }
    if (breaks) {
      throw new SourceUnreachableException("the store", "the connection was closed", passing, null);
    }
  }

  private void list(RetryingRemote remote) throws IOException {
    remote.list("", object -> got.add(object.path()));
  }

  @Test
  void listThatBreaksBeforeTheFirstObject_isTriedAgain() throws IOException {
    list(remote(RETRIES, 0, true));
    assertEquals(List.of("object0", "object1", "object2"), got);
    assertEquals(RETRIES + 1, lists);
  }

  @Test
  void listThatBreaksInItsMidst_fails_asTheTakerHasHadAPart() {
    assertThrows(SourceUnreachableException.class, () -> list(remote(1, 1, true)));
    assertEquals(List.of("object0"), got);
    assertEquals(1, lists);
  }

  @Test
  void listThatWillNotWorkAnyMore_orBreaksTooOften_fails() {
    assertThrows(SourceUnreachableException.class, () -> list(remote(1, 0, false)));
    assertEquals(1, lists);
    assertThrows(SourceUnreachableException.class, () -> list(remote(100, 0, true)));
    assertEquals(1 + RETRIES + 1, lists);
  }
}
