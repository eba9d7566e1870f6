package io.revfs.fuse.kernel;

import io.revfs.fuse.Attributes;
import io.revfs.fuse.DirectoryListing;
import io.revfs.fuse.FileKind;
import io.revfs.fuse.FileSystemStatistics;
import io.revfs.fuse.FileTree;
import io.revfs.fuse.FuseException;
import io.revfs.fuse.OpenFile;
import io.revfs.fuse.RequestContext;
import io.revfs.fuse.device.FuseDevice;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A READ of 128 KiB of a local file, from the request's bytes to the answer's, without the kernel.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class ReadBenchmark {
  private static final int BYTES = 128 << 10;

  private Path file;
  private FileChannel channel;
  private Requests requests;
  private TestExchange exchange;

  /** Makes a file and a request for it. */
  @Setup
  public void open() throws IOException {
    file = Files.createTempFile("revfs", ".bin");
    Files.write(file, new byte[BYTES]);
    channel = FileChannel.open(file);
    FileTree tree = new OneFile(channel);
    requests =
        new Requests(
            tree,
            new Negotiation(45, 0, 0, 256, true),
            new NodeFiles(tree, false),
            new PassthroughFiles(FuseDevice.inherited(List.of()), OpenNodes.fresh(null), false),
            new AttributeLifetimes(tree, OpenNodes.fresh(null), false, node -> true),
            0,
            0);
    ByteBuffer body = ByteBuffer.allocate(Wire.ReadIn.BYTES).order(ByteOrder.nativeOrder());
    body.putInt(Wire.ReadIn.SIZE, BYTES);
    exchange = new TestExchange().request(Opcode.READ, 2, body.array());
  }

  /** Removes it. */
  @TearDown
  public void close() throws IOException {
    channel.close();
    Files.deleteIfExists(file);
  }

  /** One request. */
  @Benchmark
  public int read() throws FuseException {
    return requests.answer(exchange);
  }

  /** A tree of one local file, which is node 2. */
  private record OneFile(FileChannel channel) implements FileTree {
    @Override
    public OpenFile open(RequestContext context, long node) {
      return new OpenFile.Backed() {
        @Override
        public FileChannel channel() {
          return channel;
        }

        @Override
        public long size() {
          return BYTES;
        }

        @Override
        public int read(RequestContext c, ByteBuffer target, long offset) {
          try {
            return channel.read(target, offset);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        }

        @Override
        public void close() {}
      };
    }

    @Override
    public Attributes attributes(RequestContext context, long node) {
      return new Attributes(node, FileKind.REGULAR, 0444, BYTES, 0);
    }

    @Override
    public Attributes lookup(RequestContext context, long parent, String name) {
      return attributes(context, 2);
    }

    @Override
    public String readLink(RequestContext context, long node) {
      throw new UnsupportedOperationException();
    }

    @Override
    public DirectoryListing openDirectory(RequestContext context, long node) {
      throw new UnsupportedOperationException();
    }

    @Override
    public List<String> extendedAttributeNames(RequestContext context, long node) {
      return List.of();
    }

    @Override
    public byte[] extendedAttribute(RequestContext context, long node, String name) {
      return new byte[0];
    }

    @Override
    public FileSystemStatistics statistics(RequestContext context) {
      return new FileSystemStatistics(0, 0, 0);
    }

    @Override
    public void forget(long node, long references) {}

    @Override
    public double nameSeconds(long parent) {
      return 0;
    }

    @Override
    public double attributeSeconds(long node) {
      return 0;
    }
  }
}
