import java.io.BufferedWriter;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.FileRequestBodyConfiguration;
import software.amazon.awssdk.core.async.AsyncRequestBody;
import software.amazon.awssdk.core.async.AsyncResponseTransformer;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.model.CompletedPart;

/**
 * The parts of scripts/bench that a shell is too slow or too coarse for: makes data, reads it the same way wherever it
 * lies, and reads S3 with the SDK alone. Each verb prints one figure.
 */
public final class Bench {
  private static final HexFormat HEX = HexFormat.of();

  public static void main(String[] words) throws Exception {
    switch (words[0]) {
      case "small" -> makeSmall(Path.of(words[1]), Path.of(words[2]), Integer.parseInt(words[3]), Integer.parseInt(words[4]), Integer.parseInt(words[5]));
      case "big" -> makeBig(Path.of(words[1]), Path.of(words[2]), Long.parseLong(words[3]));
      case "million" -> makeMillion(Path.of(words[1]), words[2].equals("-") ? null : Path.of(words[2]), Integer.parseInt(words[3]));
      case "sized" -> makeSized(Path.of(words[1]), Integer.parseInt(words[2]));
      case "changed" -> makeChanged(Path.of(words[1]), words[2], Integer.parseInt(words[3]));
      case "read" -> System.out.printf("%.4f%n", readTree(Path.of(words[1]), Integer.parseInt(words[2])));
      case "stream" -> System.out.printf("%.4f%n", stream(Path.of(words[1])));
      case "random" -> System.out.printf("%.4f%n", random(Path.of(words[1]), Integer.parseInt(words[2]), Long.parseLong(words[3])));
      case "mapped" -> System.out.printf("%.4f%n", mapped(Path.of(words[1]), Integer.parseInt(words[2])));
      case "sdk-put" -> sdkPut(words[1], words[2], Path.of(words[3]), words[4]);
      case "sdk-get" -> System.out.printf("%.4f%n", sdkGet(words[1], words[2], words[3], Integer.parseInt(words[4])));
      case "sdk-random" -> System.out.printf("%.4f%n", sdkRandom(words[1], words[2], words[3], Integer.parseInt(words[4]), Long.parseLong(words[5])));
      case "sdk-small" -> System.out.printf("%.4f%n", sdkSmall(words[1], words[2], Path.of(words[3]), words[4], Integer.parseInt(words[5])));
      case "plain" -> makePlain(Path.of(words[1]), Integer.parseInt(words[2]), Integer.parseInt(words[3]), Integer.parseInt(words[4]));
      case "random-file" -> makeRandomFile(Path.of(words[1]), Long.parseLong(words[2]));
      case "hash" -> System.out.printf("%.1f%n", hashRate(Integer.parseInt(words[1])));
      case "sdk-put-files" -> System.out.printf("%.4f%n", sdkPutFiles(words[1], words[2], Path.of(words[3]), words[4], Integer.parseInt(words[5])));
      case "sdk-put-parts" -> System.out.printf("%.4f%n", sdkPutParts(words[1], words[2], Path.of(words[3]), words[4], Integer.parseInt(words[5])));
      default -> throw new IllegalArgumentException(words[0]);
    }
  }

  /** COUNT files of MIN to MAX bytes: plain in one directory, as objects in a remote; prints the .dir's name. */
  static void makeSmall(Path plain, Path remote, int count, int min, int max) throws Exception {
    Random random = new Random(42);
    List<String> entries = new ArrayList<>();
    long total = 0;
    for (int i = 0; i < count; i++) {
      byte[] bytes = new byte[min + random.nextInt(max - min + 1)];
      random.nextBytes(bytes);
      total += bytes.length;
      String name = "%03d/%05d.bin".formatted(i / 100, i);
      Path file = plain.resolve(name);
      Files.createDirectories(file.getParent());
      Files.write(file, bytes);
      String md5 = HEX.formatHex(MessageDigest.getInstance("MD5").digest(bytes));
      store(remote, md5, bytes);
      entries.add("{\"md5\": \"" + md5 + "\", \"relpath\": \"" + name + "\"}");
    }
    manifest(remote, entries, total, count);
  }

  /** COUNT files of SIZE bytes, PER of them in a directory. */
  static void makePlain(Path root, int count, int per, int size) throws IOException {
    Random random = new Random(51);
    byte[] bytes = new byte[size];
    Path directory = root;
    for (int i = 0; i < count; i++) {
      if (i % per == 0) {
        directory = Files.createDirectories(root.resolve("%04d".formatted(i / per)));
      }
      random.nextBytes(bytes);
      Files.write(directory.resolve("%07d.bin".formatted(i)), bytes);
    }
  }

  static void makeRandomFile(Path file, long size) throws IOException {
    Random random = new Random(52);
    byte[] block = new byte[1 << 20];
    try (var out = Files.newOutputStream(file)) {
      for (long at = 0; at < size; at += block.length) {
        random.nextBytes(block);
        out.write(block);
      }
    }
  }

  /** MiB a second that THREADS hash together, from memory. */
  static double hashRate(int threads) throws Exception {
    byte[] block = new byte[1 << 20];
    new Random(53).nextBytes(block);
    for (int i = 0; i < 300; i++) { // until it is compiled
      MessageDigest.getInstance("MD5").digest(block);
    }
    int blocks = 2048;
    long start = System.nanoTime();
    parallel(Collections.nCopies(threads, block), threads, each -> {
      MessageDigest md5 = MessageDigest.getInstance("MD5");
      for (int i = 0; i < blocks; i++) {
        md5.update(each);
      }
      md5.digest();
    });
    return threads * blocks / ((System.nanoTime() - start) / 1e9);
  }

  /** Puts the files of a tree over CONNECTIONS, each from memory; seconds. */
  static double sdkPutFiles(String endpoint, String bucket, Path root, String prefix, int connections) throws Exception {
    List<Path> files = files(root);
    try (S3AsyncClient s3 = client(endpoint, connections)) {
      bucket(s3, bucket);
      long start = System.nanoTime();
      parallel(files, connections, file -> s3.putObject(
          b -> b.bucket(bucket).key(prefix + root.relativize(file)), AsyncRequestBody.fromBytesUnsafe(Files.readAllBytes(file))).join());
      return (System.nanoTime() - start) / 1e9;
    }
  }

  /** One file in parts of 16 MiB over CONNECTIONS; seconds. */
  static double sdkPutParts(String endpoint, String bucket, Path file, String key, int connections) throws Exception {
    long size = Files.size(file);
    long part = 16L << 20;
    List<Integer> numbers = new ArrayList<>();
    for (int i = 0; i * part < size; i++) {
      numbers.add(i);
    }
    try (S3AsyncClient s3 = client(endpoint, connections)) {
      bucket(s3, bucket);
      long start = System.nanoTime();
      String id = s3.createMultipartUpload(b -> b.bucket(bucket).key(key)).join().uploadId();
      CompletedPart[] done = new CompletedPart[numbers.size()];
      parallel(numbers, connections, i -> {
        AsyncRequestBody body = AsyncRequestBody.fromFile(FileRequestBodyConfiguration.builder()
            .path(file).position(i * part).numBytesToRead(Math.min(part, size - i * part)).chunkSizeInBytes(256 << 10).build());
        String tag = s3.uploadPart(b -> b.bucket(bucket).key(key).uploadId(id).partNumber(i + 1), body).join().eTag();
        done[i] = CompletedPart.builder().partNumber(i + 1).eTag(tag).build();
      });
      s3.completeMultipartUpload(b -> b.bucket(bucket).key(key).uploadId(id).multipartUpload(m -> m.parts(done))).join();
      return (System.nanoTime() - start) / 1e9;
    }
  }

  static void bucket(S3AsyncClient s3, String bucket) {
    try {
      s3.createBucket(b -> b.bucket(bucket)).join();
    } catch (java.util.concurrent.CompletionException e) {
      // It is there already.
    }
  }

  static void makeBig(Path plain, Path remote, long size) throws Exception {
    Random random = new Random(43);
    MessageDigest md5 = MessageDigest.getInstance("MD5");
    byte[] block = new byte[1 << 20];
    try (var out = Files.newOutputStream(plain)) {
      for (long at = 0; at < size; at += block.length) {
        random.nextBytes(block);
        md5.update(block);
        out.write(block);
      }
    }
    String hex = HEX.formatHex(md5.digest());
    Path object = remote.resolve("files/md5").resolve(hex.substring(0, 2)).resolve(hex.substring(2));
    Files.createDirectories(object.getParent());
    Files.deleteIfExists(object);
    Files.copy(plain, object);
    object.toFile().setReadOnly();
    System.out.println(hex + " " + size + " 1");
  }

  /** Maps a file and touches COUNT pages at random. */
  static double mapped(Path file, int count) throws IOException {
    Random random = new Random(9);
    long sum = 0;
    long started = System.nanoTime();
    try (FileChannel channel = FileChannel.open(file); var arena = java.lang.foreign.Arena.ofConfined()) {
      var memory = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
      long pages = channel.size() / 4096;
      for (int i = 0; i < count; i++) {
        sum += memory.get(java.lang.foreign.ValueLayout.JAVA_BYTE, (random.nextLong() & Long.MAX_VALUE) % pages * 4096);
      }
    }
    if (sum == Long.MIN_VALUE) {
      throw new IOException(); // the reads are not to be optimized away
    }
    return (System.nanoTime() - started) / 1e9;
  }

  /** A manifest of 1000 directories of COUNT/1000 files, and empty files of the same names on the disk. */
  static void makeMillion(Path remote, Path plain, int count) throws Exception {
    List<String> entries = new ArrayList<>(count);
    MessageDigest md5 = MessageDigest.getInstance("MD5");
    for (int i = 0; i < count; i++) {
      String name = "d%04d/f%07d.jpg".formatted(i / (count / 1000), i);
      String hex = HEX.formatHex(md5.digest(name.getBytes(StandardCharsets.UTF_8)));
      entries.add("{\"md5\": \"" + hex + "\", \"relpath\": \"" + name + "\"}");
      if (plain != null) {
        Path file = plain.resolve(name);
        if (i % (count / 1000) == 0) {
          Files.createDirectories(file.getParent());
        }
        Files.newByteChannel(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE).close();
      }
    }
    manifest(remote, entries, 0, count);
  }

  /** As {@link #makeMillion}, of files that are nowhere and whose sizes the manifest states. */
  static void makeSized(Path remote, int count) throws Exception {
    List<String> entries = new ArrayList<>(count);
    MessageDigest md5 = MessageDigest.getInstance("MD5");
    for (int i = 0; i < count; i++) {
      String name = "d%04d/f%07d.jpg".formatted(i / (count / 1000), i);
      String hex = HEX.formatHex(md5.digest(name.getBytes(StandardCharsets.UTF_8)));
      entries.add("{\"md5\": \"" + hex + "\", \"relpath\": \"" + name + "\", \"size\": " + (1000 + i % 100_000) + "}");
    }
    manifest(remote, entries, 0, count);
  }

  /** Another manifest, of which so many of the first files have other bytes. */
  static void makeChanged(Path remote, String name, int changed) throws Exception {
    Path old = remote.resolve("files/md5").resolve(name.substring(0, 2)).resolve(name.substring(2));
    String text = Files.readString(old);
    List<String> entries = new ArrayList<>(List.of(text.substring(1, text.length() - 1).split(", (?=\\{)")));
    Random random = new Random(44);
    for (int i = 0; i < changed; i++) {
      byte[] bytes = new byte[100_000];
      random.nextBytes(bytes);
      String md5 = HEX.formatHex(MessageDigest.getInstance("MD5").digest(bytes));
      store(remote, md5, bytes);
      entries.set(i, entries.get(i).replaceFirst("[0-9a-f]{32}", md5));
    }
    manifest(remote, entries, 0, entries.size());
  }

  static void manifest(Path remote, List<String> entries, long total, int count) throws Exception {
    byte[] json = ("[" + String.join(", ", entries) + "]").getBytes(StandardCharsets.UTF_8);
    String hex = HEX.formatHex(MessageDigest.getInstance("MD5").digest(json));
    store(remote, hex + ".dir", json);
    System.out.println(hex + ".dir " + total + " " + count);
  }

  static void store(Path remote, String name, byte[] bytes) throws IOException {
    Path object = remote.resolve("files/md5").resolve(name.substring(0, 2)).resolve(name.substring(2));
    Files.createDirectories(object.getParent());
    if (!Files.exists(object)) {
      Files.write(object, bytes);
      object.toFile().setReadOnly();
    }
  }

  static List<Path> files(Path root) throws IOException {
    try (Stream<Path> all = Files.walk(root)) {
      List<Path> files = new ArrayList<>(all.filter(p -> p.toString().endsWith(".bin")).toList());
      Collections.sort(files);
      Collections.shuffle(files, new Random(7));
      return files;
    }
  }

  /** Reads every file whole in random order; seconds, without the listing. */
  static double readTree(Path root, int threads) throws Exception {
    List<Path> files = files(root.toRealPath()); // as a job does that pins its revision
    AtomicLong bytes = new AtomicLong();
    long start = System.nanoTime();
    parallel(files, threads, file -> bytes.addAndGet(readFile(file)));
    double seconds = (System.nanoTime() - start) / 1e9;
    if (bytes.get() == 0) {
      throw new IOException("nothing read below " + root);
    }
    return seconds;
  }

  private static final ThreadLocal<ByteBuffer> BUFFER = ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(256 << 10));

  static long readFile(Path file) throws IOException {
    ByteBuffer buffer = BUFFER.get();
    long total = 0;
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      while (true) {
        buffer.clear();
        int n = channel.read(buffer);
        if (n < 0) {
          return total;
        }
        total += n;
      }
    }
  }

  static double stream(Path file) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 20);
    long start = System.nanoTime();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      while (channel.read(buffer) >= 0) {
        buffer.clear();
      }
    }
    return (System.nanoTime() - start) / 1e9;
  }

  /** COUNT reads of 4 KiB at random offsets, the file opened once; seconds a read. */
  static double random(Path file, int count, long seed) throws IOException {
    Random random = new Random(seed);
    long start = System.nanoTime();
    try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
      byte[] page = new byte[4096];
      for (int i = 0; i < count; i++) {
        in.seek(random.nextLong(in.length() - page.length) / 4096 * 4096);
        in.readFully(page);
      }
    }
    return (System.nanoTime() - start) / 1e9 / count;
  }

  interface Work<T> {
    void run(T item) throws Exception;
  }

  static <T> void parallel(List<T> items, int threads, Work<T> work) throws Exception {
    AtomicLong next = new AtomicLong();
    try (var pool = Executors.newFixedThreadPool(threads)) {
      List<Future<?>> running = new ArrayList<>();
      for (int t = 0; t < threads; t++) {
        Callable<Void> one = () -> {
          for (int i; (i = (int) next.getAndIncrement()) < items.size(); ) {
            work.run(items.get(i));
          }
          return null;
        };
        running.add(pool.submit(one));
      }
      for (Future<?> f : running) {
        f.get();
      }
    }
  }

  static S3AsyncClient client(String endpoint, int connections) {
    return S3AsyncClient.builder()
        .endpointOverride(URI.create(endpoint))
        .forcePathStyle(true)
        .region(Region.US_EAST_1)
        .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
        .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
        .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create(System.getenv("AWS_ACCESS_KEY_ID"), System.getenv("AWS_SECRET_ACCESS_KEY"))))
        .httpClientBuilder(NettyNioAsyncHttpClient.builder().maxConcurrency(connections))
        .build();
  }

  static void sdkPut(String endpoint, String bucket, Path root, String prefix) throws Exception {
    try (S3AsyncClient s3 = client(endpoint, 16); Stream<Path> all = Files.walk(root)) {
      bucket(s3, bucket);
      List<Path> files = all.filter(Files::isRegularFile).toList();
      parallel(files, 8, file -> s3.putObject(b -> b.bucket(bucket).key(prefix + root.relativize(file)), AsyncRequestBody.fromFile(file)).join());
    }
  }

  /** One object in ranges of 8 MiB over CONNECTIONS; seconds. */
  static double sdkGet(String endpoint, String bucket, String key, int connections) throws Exception {
    try (S3AsyncClient s3 = client(endpoint, connections)) {
      long size = s3.headObject(b -> b.bucket(bucket).key(key)).join().contentLength();
      List<Long> offsets = new ArrayList<>();
      long part = 8L << 20;
      for (long at = 0; at < size; at += part) {
        offsets.add(at);
      }
      long start = System.nanoTime();
      parallel(offsets, connections, at -> s3.getObject(
          b -> b.bucket(bucket).key(key).range("bytes=" + at + "-" + (Math.min(size, at + part) - 1)),
          AsyncResponseTransformer.toBytes()).join());
      return (System.nanoTime() - start) / 1e9;
    }
  }

  static double sdkRandom(String endpoint, String bucket, String key, int count, long seed) {
    try (S3AsyncClient s3 = client(endpoint, 4)) {
      long size = s3.headObject(b -> b.bucket(bucket).key(key)).join().contentLength();
      Random random = new Random(seed);
      long start = System.nanoTime();
      for (int i = 0; i < count; i++) {
        long at = random.nextLong(size - 4096) / 4096 * 4096;
        s3.getObject(b -> b.bucket(bucket).key(key).range("bytes=" + at + "-" + (at + 4095)), AsyncResponseTransformer.toBytes()).join();
      }
      return (System.nanoTime() - start) / 1e9 / count;
    }
  }

  static double sdkSmall(String endpoint, String bucket, Path root, String prefix, int connections) throws Exception {
    List<Path> files = files(root);
    try (S3AsyncClient s3 = client(endpoint, connections)) {
      s3.headObject(b -> b.bucket(bucket).key(prefix + root.relativize(files.get(0)))).join();
      long start = System.nanoTime();
      parallel(files, connections, file -> s3.getObject(b -> b.bucket(bucket).key(prefix + root.relativize(file)), AsyncResponseTransformer.toBytes()).join());
      return (System.nanoTime() - start) / 1e9;
    }
  }
}
