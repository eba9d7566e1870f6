package io.revfs.cli.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.cli.replay.Playground.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/**
 * The command as shipped, called and installed as people do: whatever their locale, their PATH and
 * what called it, and with a daemon that it has started itself.
 */
class SurroundingsIT {
  /** To begin a daemon of one's own, with further variables, which ends with the script. */
  private static final String OWN_DAEMON =
      """
      export REVFS_SOCKET=$PWD/.git/run/s REVFS_STATE_DIR=$PWD/.git/state REVFS_CACHE_DIR=$PWD/.git/cache
      mkdir -m 700 .git/run
      revfs=$(command -v revfs)
      trap '"$revfs" daemon stop >/dev/null' EXIT
      begin() {
        env "$@" "$revfs" daemon start --foreground >.git/daemon.log 2>&1 &
        until [ -S "$REVFS_SOCKET" ]; do kill -0 $! || { cat .git/daemon.log; exit 1; }; sleep 0.05; done
      }
      set -e
      """;

  @TempDir static Path shared;
  private static Playground playground;
  private Path project;

  @BeforeAll
  static void begin() throws IOException {
    playground = new Playground(shared);
  }

  @AfterAll
  static void end() throws IOException {
    playground.close();
  }

  @BeforeEach
  void make(TestInfo test) throws IOException {
    int number = test.getTestMethod().orElseThrow().getName().hashCode() & 0xFFFF;
    project = Files.createDirectories(shared.resolve("p" + number));
    sh("git init -q && dvc init -q && git commit -qm begun");
  }

  private String sh(String script) throws IOException {
    Outcome outcome = playground.run(project, script);
    assertEquals(0, outcome.exit(), outcome::toString);
    return outcome.out().strip();
  }

  /** As in containers and in jobs of cron. */
  @Test
  void names_areRightInALocaleThatKnowsOnlyAscii_andStagesKeepIt() throws IOException {
    String said =
        sh(
            OWN_DAEMON
                + """
                export LC_ALL=C; unset LANG; begin
                f=$(printf 'gr\\303\\266\\303\\237e.csv'); echo 1 > "$f"
                dvc add -q "$f"
                rm "$f"; dvc checkout -q "$f.dvc"; cat "$f"
                dvc list . --dvc-only
                dvc stage add -q -n s -o "$f.out" "printf %s \\"\\$LC_ALL\\$REVFS_LC_ALL\\" > '$f.out'"
                dvc repro -q
                cat "$f.out"; echo
                unset LC_ALL
                dvc repro -qf
                cat "$f.out"
                """);
    assertEquals("1\ngröße.csv\nC", said);
  }

  /** Git tells its hooks where they are by variables, which are nobody else's business. */
  @Test
  void aDaemonThatAHookStarted_servesOtherRepositories() throws IOException {
    sh(
        OWN_DAEMON
            + """
            begin GIT_DIR=$PWD/.git GIT_WORK_TREE=$PWD GIT_INDEX_FILE=$PWD/.git/index
            git init -q other; cd other; dvc init -q
            test "$(git status --short | wc -l)" = 3
            cd ..; test -z "$(git status --short --untracked-files=no)"
            """);
  }

  /** As a job of cron, which knows nothing of the session that the daemon was started in. */
  @Test
  void anotherSession_findsTheDaemonThatRuns() throws IOException {
    String here = sh("revfs daemon status | sed -n 's/^pid \\([0-9]*\\).*/\\1/p'");
    String there =
        sh(
            "export XDG_RUNTIME_DIR=$PWD/.git/elsewhere; dvc status -q;"
                + " revfs daemon status | sed -n 's/^pid \\([0-9]*\\).*/\\1/p'");
    assertEquals(here, there);
  }

  /** What the daemon would be is another program here. */
  @Test
  void aUnitsMainProcess_passesWhatSystemdStored_andEndsAsTheDaemonDoes() throws IOException {
    String said =
        sh(
            """
            for word in $(revfs daemon start --unit); do case $word in *.jar) echo "$word" ;; esac; done
            unit=$(revfs daemon start --unit | cut -d' ' -f1); "$unit" echo alone
            export unit
            sh -c '
              export NOTIFY_SOCKET=$PWD/none LISTEN_PID=$$ LISTEN_FDS=2 LISTEN_FDNAMES=m1.0:m1.1
              exec 3</dev/null 4</dev/null "$unit" sh -c "
                echo \\$REVFS_SESSIONS \\$LISTEN_FDS; readlink /proc/self/fd/4; exit 3"
            ' || echo $?
            """);
    assertEquals("alone\nm1.0=3 m1.1=4\n/dev/null\n3", said);
  }

  /**
   * As a daemon that was killed while a thread of it mounts: its first thread is gone, and another
   * one is not, and has the pipe.
   */
  @Test
  void aUnitsMainProcess_endsThoughAThreadOfTheDaemonStays() throws IOException {
    Files.writeString(
        project.resolve("stays.py"),
        """
        import ctypes, threading, time
        threading.Thread(target=time.sleep, args=(600,)).start()
        ctypes.CDLL(None).pthread_exit(0)
        """);
    String said =
        sh(
            """
            unit=$(revfs daemon start --unit | cut -d' ' -f1)
            NOTIFY_SOCKET=none timeout -s KILL 300 "$unit" python3 stays.py || echo $?
            """);
    assertEquals("1", said);
  }

  /** A shell keeps the way that it came; editors name files by it. */
  @Test
  void aProject_isTheSameThroughALink() throws IOException {
    String said =
        sh(
            """
            mkdir -p sub .git/other; ln -s "$PWD" .git/other/link; cd .git/other/link/sub
            echo 1 > file; dvc add -q "$PWD/file"; cat .gitignore
            cd ..; rm sub/file; dvc checkout -q "$PWD/sub/file.dvc"; cat sub/file
            """);
    assertEquals("/file\n1", said);
  }

  @Test
  void aDirectoryThatIsGone_isSaid() throws IOException {
    Outcome outcome = playground.run(project, "mkdir gone; cd gone; rmdir ../gone; dvc status");
    assertEquals(255, outcome.exit());
    assertTrue(outcome.err().contains("the current directory is not there"), outcome.err());
  }

  @Test
  void aDirectoryThatHasAnotherNameNow_isWhereTheShellIs() throws IOException {
    Outcome outcome =
        playground.run(project, "mkdir one; cd one; mv ../one ../two; dvc root; rmdir ../two");
    assertEquals(0, outcome.exit(), outcome.err());
    assertEquals("..\n", outcome.out());
  }

  @Test
  void aDirectoryThatWasAttachedMeanwhile_isNotAskedToBeEnteredAgain() throws IOException {
    Outcome outcome =
        playground.run(project, "revfs attach -q . && revfs status; e=$?; revfs detach; exit $e");
    assertEquals(0, outcome.exit(), outcome.err());
  }

  @Test
  void hooks_workWithoutDvcOnThePath() throws IOException {
    String said =
        sh(
            """
            revfs=$(command -v revfs); PATH=/usr/bin:/bin
            ! command -v dvc || exit 0
            "$revfs" install
            echo 1 > file; git add file; git commit -m second 2>&1
            """);
    assertTrue(said.isEmpty() || said.contains("1 file changed"), said);
  }

  @Test
  void theCommand_mayLieInAPlaceWithSpaces() throws IOException {
    String version =
        sh(
            """
            mkdir '.git/a place'; cp -r "$(dirname "$(command -v revfs)")/.." '.git/a place/revfs'
            '.git/a place/revfs/bin/dvc' --version
            """);
    assertEquals("3.67.1", version);
  }
}
