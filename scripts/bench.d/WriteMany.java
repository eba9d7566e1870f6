import java.nio.file.Files;
import java.nio.file.Path;

/** Writes so many files of 16 KiB into a new directory; prints the seconds that it takes. */
public class WriteMany {
  public static void main(String[] args) throws Exception {
    Path directory = Files.createDirectory(Path.of(args[0]));
    byte[] bytes = new byte[16 << 10];
    long start = System.nanoTime();
    for (int i = 0; i < Integer.parseInt(args[1]); i++) {
      Files.write(directory.resolve("f" + i), bytes);
    }
    System.out.printf("%.4f%n", (System.nanoTime() - start) / 1e9);
  }
}
