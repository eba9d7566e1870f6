package io.revfs.cli.caller;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * The signals that end a process go on to another while this is open, and do not end this one. What
 * a terminal sends, it sends to all of its foreground processes, so that is not sent a second time.
 */
public final class Signals implements AutoCloseable {
  private static final List<String> FROM_TERMINAL = List.of("INT");
  private static final List<String> OTHERS = List.of("TERM", "HUP", "USR1");

  private final List<Runnable> undo = new ArrayList<>();
  private final CompletableFuture<Long> target = new CompletableFuture<>();

  private Signals() {}

  /** Takes them: from now on they wait for a target. */
  static Signals take() {
    Signals signals = new Signals();
    boolean everybodyGetsIt = isTerminal();
    FROM_TERMINAL.forEach(
        name -> signals.handle(name, everybodyGetsIt ? () -> {} : () -> signals.send(name), false));
    OTHERS.forEach(name -> signals.handle(name, () -> signals.send(name), false));
    return signals;
  }

  /**
   * Does something when this process is interrupted, instead of ending it; also if whoever started
   * it lets interrupts be ignored, as shells do with what runs in the background.
   */
  public static void onInterrupt(Runnable action) {
    FROM_TERMINAL.forEach(name -> new Signals().handle(name, action, true));
  }

  @SuppressWarnings("SystemConsoleNull") // the JDK's annotations still say that it may be
  private static boolean isTerminal() {
    return System.console() != null && System.console().isTerminal();
  }

  /** Says who gets them. */
  void passTo(long pid) {
    target.complete(pid);
  }

  /**
   * By reflection: the JDK has no other way to handle signals than this class, of which javac warns
   * whoever names it.
   */
  private void handle(String name, Runnable action, boolean always) {
    try {
      Class<?> type = Class.forName("sun.misc.Signal");
      Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
      Object signal = type.getConstructor(String.class).newInstance(name);
      Object handler =
          Proxy.newProxyInstance(
              Signals.class.getClassLoader(),
              new Class<?>[] {handlerType},
              (proxy, method, arguments) -> {
                if (method.getName().equals("handle")) {
                  action.run();
                }
                return null;
              });
      var set = type.getMethod("handle", type, handlerType);
      Object before = set.invoke(null, signal, handler);
      if (!always && handlerType.getField("SIG_IGN").get(null).equals(before)) {
        set.invoke(null, signal, before); // as nohup wants it, for the other process too
        return;
      }
      undo.add(
          () -> {
            try {
              set.invoke(null, signal, before);
            } catch (ReflectiveOperationException e) {
              throw new IllegalStateException(e); // it worked before
            }
          });
    } catch (InvocationTargetException e) {
      return; // the JVM keeps this one for itself
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this JDK has no signals", e);
    }
  }

  private void send(String name) {
    try {
      new ProcessBuilder("kill", "-" + name, target.join().toString()).inheritIO().start();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // no kill(1): the signal is lost
    }
  }

  @Override
  public void close() {
    undo.forEach(Runnable::run);
  }
}
