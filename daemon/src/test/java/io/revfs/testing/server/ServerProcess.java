package io.revfs.testing.server;

import java.io.Closeable;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A server as a child process, which dies with the tests however they end. */
public final class ServerProcess implements Closeable {
  private static final int START_SECONDS = 120;

  /** Below those of Linux's {@code net.ipv4.ip_local_port_range}. */
  private static final int FIRST_PORT = 10_000;

  private static final int PORTS = 22_000;
  private static final AtomicInteger NEXT_PORT =
      new AtomicInteger((int) (ProcessHandle.current().pid() * 97 % PORTS));

  private final Process process;

  private ServerProcess(Process process) {
    this.process = process;
  }

  /**
   * Returns a TCP port that nobody listens on, and that this process returns once. It is none of
   * those that the system gives to whoever asks for any, so nobody is given it before its server is
   * there; and tests of another process begin elsewhere.
   */
  public static int freePort() throws IOException {
    while (true) {
      int port = FIRST_PORT + Math.floorMod(NEXT_PORT.getAndIncrement(), PORTS);
      try (ServerSocket socket = new ServerSocket()) {
        socket.setReuseAddress(false); // as servers do it that do not ask for it
        socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        return port;
      } catch (BindException e) {
        continue; // taken
      }
    }
  }

  /** Starts a command and waits until the port answers. Its output goes to a file. */
  public static ServerProcess start(Path log, int port, List<String> command) throws IOException {
    List<String> words = new ArrayList<>(List.of("setpriv", "--pdeathsig", "KILL"));
    words.addAll(command);
    Process process =
        new ProcessBuilder(words)
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .redirectInput(Path.of("/dev/null").toFile())
            .start();
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
    while (true) {
      try (Socket socket = new Socket()) {
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
        return new ServerProcess(process);
      } catch (IOException e) {
        if (!process.isAlive() || System.nanoTime() > deadline) {
          process.destroyForcibly();
          throw new IOException(
              command.getFirst()
                  + " does not serve (scripts/test installs what the tests need): "
                  + Files.readString(log),
              e);
        }
      }
      try {
        Thread.sleep(50);
      } catch (InterruptedException e) {
        process.destroyForcibly();
        throw new IOException(e);
      }
    }
  }

  /** Kills the processes that it has started, for instance one for each connection. */
  public void killChildren() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
  }

  /** Returns the process id. */
  public long pid() {
    return process.pid();
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
