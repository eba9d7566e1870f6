package io.revfs.fuse.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.fuse.Errno;
import io.revfs.fuse.FuseException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WaitingTest {
  @TempDir Path directory;

  @Test
  void givenUpAfterTheWait_closesNoFileThatOthersRead() throws Exception {
    Path file = Files.write(directory.resolve("f"), new byte[100]);
    try (FileChannel channel = FileChannel.open(file)) {
      Waiting waiting = new Waiting();
      waiting.run(() -> {});
      waiting.giveUp(); // between the wait and the read, as a Ctrl-C may come
      assertFalse(Thread.currentThread().isInterrupted());
      assertEquals(100, channel.read(ByteBuffer.allocate(100), 0));
      assertTrue(channel.isOpen());
    }
  }

  @Test
  void givenUpWhileItWaits_ends_andLeavesNoInterruptBehind() throws Exception {
    Waiting waiting = new Waiting();
    CountDownLatch begun = new CountDownLatch(1);
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                begun.await();
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
              waiting.giveUp();
            });
    assertThrows(
        FuseException.class,
        () ->
            waiting.run(
                () -> {
                  begun.countDown();
                  try {
                    Thread.sleep(60_000);
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt(); // as the cache does
                    throw new FuseException(Errno.EINTR, "interrupted");
                  }
                }));
    assertFalse(Thread.currentThread().isInterrupted());
  }

  @Test
  void givenUpBeforeTheWait_doesNotWait() {
    Waiting waiting = new Waiting();
    waiting.giveUp();
    FuseException thrown = assertThrows(FuseException.class, () -> waiting.run(() -> {}));
    assertEquals(Errno.EINTR, thrown.errno());
  }
}
