package io.revfs.daemon;

import io.revfs.config.Configuration;
import io.revfs.config.ConfigurationException;
import io.revfs.config.Directories;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the daemon until SIGTERM or a request to stop. Arguments: {@code --foreground} logs to the
 * terminal too, {@code --system} serves all users of the machine. Exit codes: 0 stopped, 1 another
 * daemon is running, 251 configuration, 255 anything else.
 */
public final class DaemonMain {
  private static final long STOP_SECONDS = 20;

  private DaemonMain() {}

  public static void main(String[] arguments) throws InterruptedException {
    List<String> words = List.of(arguments);
    System.exit(run(words.contains("--foreground"), words.contains("--system")));
  }

  /** Whoever asks the daemon to end while it starts has it end in order, too. */
  private static int run(boolean foreground, boolean system) throws InterruptedException {
    CountDownLatch end = new CountDownLatch(1);
    CountDownLatch ended = new CountDownLatch(1);
    Thread stop = new Thread(() -> stop(end, ended), "stop");
    Runtime.getRuntime().addShutdownHook(stop);
    try {
      return run(foreground, system, end);
    } finally {
      ended.countDown();
    }
  }

  private static void stop(CountDownLatch end, CountDownLatch ended) {
    end.countDown();
    try {
      boolean unused = ended.await(STOP_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static int run(boolean foreground, boolean system, CountDownLatch end)
      throws InterruptedException {
    Daemon daemon;
    try {
      Object uid = Files.getAttribute(Path.of("/proc/self"), "unix:uid");
      Directories directories =
          system
              ? Directories.ofSystem(System.getenv())
              : Directories.ofUser(System.getenv(), uid.toString());
      Configuration configuration = Configuration.load(directories);
      DaemonLog errors = new DaemonLog(directories.log(), configuration.logLevel(), foreground);
      Logger log = LoggerFactory.getLogger(DaemonMain.class);
      Thread.setDefaultUncaughtExceptionHandler(
          (thread, thrown) -> log.error("{} failed", thread.getName(), thrown));
      daemon = Daemon.start(directories, configuration, system, errors::errors, end);
    } catch (Daemon.AlreadyRunningException e) {
      System.err.println("ERROR: " + e.getMessage());
      return 1;
    } catch (ConfigurationException e) {
      System.err.println("ERROR: " + e.getMessage());
      return 251;
    } catch (IOException | RuntimeException e) {
      System.err.println("ERROR: the daemon cannot start: " + e.getMessage());
      return 255;
    }
    end.await();
    daemon.close();
    return 0;
  }
}
