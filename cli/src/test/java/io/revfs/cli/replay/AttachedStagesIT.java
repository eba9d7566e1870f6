package io.revfs.cli.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.cli.replay.Playground.Outcome;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Stages in attached working copies. The command is as shipped. Root. */
class AttachedStagesIT extends PlaygroundProject {
  private static final long HUGE_BYTES = 500_000_000_000L;
  private static final String HUGE = "aa0123456789abcdef0123456789abcd";
  private static final int FILES = 1000;

  private Path remote;

  @Override
  void init() throws IOException {
    super.init();
    remote = project().resolveSibling(project().getFileName() + "-remote");
    sh("dvc remote add -q -d r '%s'".formatted(remote));
  }

  @AfterEach
  void detach() throws IOException {
    playground().run(shared(), "revfs detach --lazy '%s'".formatted(project()));
  }

  private void attach() throws IOException {
    sh("git add -A && git commit -qm all");
    playground().run(shared(), "revfs attach -q '%s'".formatted(project()));
    assertTrue(sh("revfs attach --list").contains(project().toString()));
  }

  /** Objects of data in the project's cache and in revfs' own; lists are not counted. */
  private long objects() throws IOException {
    return count(project().resolve(".dvc/cache/files"))
        + count(shared().resolve("home/.cache/revfs/files"));
  }

  private static long count(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return 0;
    }
    try (Stream<Path> all = Files.walk(directory)) {
      return all.filter(Files::isRegularFile)
          .filter(file -> !file.toString().endsWith(".dir"))
          .count();
    }
  }

  @Test
  void everyStage_isRecorded() throws IOException {
    sh("echo 2 > hidden.txt");
    pipeline(
        """
        stages:
          first: {cmd: cat in.txt hidden.txt > out.txt, deps: [in.txt], outs: [out.txt]}
          second: {cmd: cat out.txt > next.txt, deps: [out.txt, hidden.txt], outs: [next.txt]}
        """);
    attach();
    Outcome first = run("dvc repro");
    assertEquals(0, first.exit(), first::toString);
    assertTrue(first.err().contains("stage 'first' read 'hidden.txt', which it"), first.err());
    assertTrue(first.err().contains("'second' depends on 'hidden.txt', and did not"), first.err());
    assertTrue(sh("cat revfs.lock").contains("hidden.txt"));
    assertEquals("1\n2", sh("cat next.txt"));
    assertTrue(sh("dvc repro").contains("Data and pipelines are up to date."));
    sh("echo 3 > hidden.txt");
    Outcome plain = run("dvc repro --no-record");
    assertTrue(plain.out().contains("Running stage 'first'"), plain::toString);
    assertEquals("", plain.err());
    assertEquals("1\n3", sh("cat next.txt"));
    assertEquals(255, run("dvc repro -f --strict").exit());
    sh("dvc repro -f --fix --strict first && grep -q 'hidden.txt' dvc.lock");
    playground().run(shared(), "revfs detach '%s'".formatted(project()));
    assertTrue(sh("dvc repro").contains("Data and pipelines are up to date."));
  }

  /** The result is named by what nobody could make here: so nobody can have read it. */
  @Test
  void aResultOf500GB_comesBackWithoutBeingFetched() throws IOException {
    String big =
        """
        stages:
          big:
            cmd: cp in.txt big.bin; echo s > small.txt
            deps: [in.txt]
            outs: [big.bin]
            metrics: [{small.txt: {cache: false}}]
        """;
    pipeline(big);
    sh("dvc repro -q && dvc push -q --run-cache");
    sh(
        "sed -i '/path: big.bin/,/size/{s/ md5: [0-9a-f]*$/ md5: %s/;s/size: .*/size: %d/}' $(find .dvc/cache/runs -type f)"
            .formatted(HUGE, HUGE_BYTES));
    Path object = remote.resolve("files/md5/aa").resolve(HUGE.substring(2));
    Files.createDirectories(object.getParent());
    try (RandomAccessFile sparse = new RandomAccessFile(object.toFile(), "rw")) {
      sparse.setLength(HUGE_BYTES);
    }
    sh("rm -f dvc.lock big.bin small.txt $(grep -rlx 1 .dvc/cache/files)");
    attach();
    long before = objects();
    String out = sh("dvc repro big");
    assertTrue(out.contains("Stage 'big' is cached - skipping run"), out);
    assertEquals(Long.toString(HUGE_BYTES), sh("stat -c %s big.bin"));
    assertEquals("s", sh("cat small.txt"), "what is Git's comes as a file");
    assertEquals(before, objects());
    assertTrue(sh("dvc status big").contains("up to date"));
    assertTrue(sh("dvc repro big").contains("Data and pipelines are up to date."));
    sh("rm big.bin && dvc repro big");
    assertEquals(Long.toString(HUGE_BYTES), sh("stat -c %s big.bin"), "the same once more");
    pipeline(
        big + "  next: {cmd: head -c 3 big.bin | wc -c > n.txt, deps: [big.bin], outs: [n.txt]}\n");
    String next = sh("dvc repro");
    assertTrue(next.contains("Running stage 'next'"), next);
    assertEquals("3", sh("cat n.txt"));
    assertTrue(sh("cat dvc.lock").contains("md5: " + HUGE));
  }

  @Test
  void aStage_fetchesWhatItReads_ofAManyFiles() throws IOException {
    sh("mkdir data && for i in $(seq %d); do echo $i > data/$i; done".formatted(FILES));
    sh("dvc add -q data && dvc push -q && rm -rf data .dvc/cache/files");
    pipeline("stages: {one: {cmd: cat data/7 > out.txt, deps: [data], outs: [out.txt]}}\n");
    attach();
    long before = objects();
    sh("dvc repro");
    assertEquals("7", sh("cat out.txt"));
    assertEquals(before + 2, objects(), "data/7, and out.txt");
    assertTrue(sh("grep -A5 'path: data' dvc.lock").contains("nfiles: " + FILES));
    assertTrue(sh("dvc repro").contains("Data and pipelines are up to date."));
    assertEquals(before + 2, objects());
  }
}
