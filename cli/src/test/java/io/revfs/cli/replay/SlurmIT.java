package io.revfs.cli.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.cli.replay.Playground.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** {@code repro --executor slurm} on a real Slurm. The command is as shipped. */
@Execution(ExecutionMode.SAME_THREAD)
class SlurmIT extends PlaygroundProject {
  private static final String TOOLS =
      "until_so() { i=0; until eval \"$1\"; do i=$((i + 1)); [ $i -lt 1000 ] || { echo \"never:"
          + " $1\"; exit 99; }; sleep 0.1; done; }\n";

  private SlurmCluster slurm;

  @BeforeAll
  void startCluster() throws IOException {
    slurm = new SlurmCluster(shared().resolve("slurm"), 2);
  }

  @AfterAll
  void stopCluster() throws IOException {
    if (slurm != null) {
      slurm.close();
    }
  }

  @Override
  Outcome run(String script) throws IOException {
    return super.run("export SLURM_CONF=" + slurm.configuration() + "\n" + TOOLS + script);
  }

  @Test
  void stages_areJobsWithTheirResources_andDependOnEachOther() throws IOException {
    pipeline(
        """
        stages:
          one:
            cmd:
            - echo started $DVC_STAGE on $SLURMD_NODENAME
            - until [ -e go ]; do sleep 0.1; done; echo to-error >&2; cp in.txt a.txt
            deps: [in.txt]
            outs: [a.txt]
            meta: {revfs: {resources: {cpus: 3, memory: 100M, time: "00:05:00", partition: other}}}
          two:
            cmd: cat a.txt a.txt > b.txt
            deps: [a.txt]
            outs: [b.txt]
          three:
            cmd: cat b.txt > c.txt
            deps: [b.txt]
            outs: [c.txt]
        """);
    String jobs =
        sh(
            "dvc repro --executor slurm > log 2>&1 & p=$!;"
                + " until_so '[ $(squeue -h -n one,two,three | wc -l) = 3 ]';"
                + " for n in one two three; do scontrol -o show job $(squeue -h -n $n -o %i); done;"
                + " touch go; wait $p || cat log");
    String[] lines = jobs.split("\n");
    assertEquals(3, lines.length, jobs);
    assertTrue(lines[0].contains("NumCPUs=3 "), lines[0]);
    assertTrue(lines[0].contains("Partition=other "), lines[0]);
    assertTrue(lines[0].contains("TimeLimit=00:05:00 "), lines[0]);
    assertTrue(lines[0].contains("mem=100M"), lines[0]);
    assertTrue(lines[1].contains("Dependency=afterok:"), lines[1]);
    assertTrue(lines[2].contains("Dependency=afterok:"), lines[2]);
    String log = sh("cat log");
    assertTrue(log.matches("(?s).*one \\| started one on n[12]\n.*"), log);
    assertTrue(log.contains("one | to-error\n"), log);
    assertEquals("1\n1", sh("cat c.txt"));
    assertEquals("", sh("ls .dvc/tmp/slurm"));
    assertTrue(sh("dvc repro").contains("Data and pipelines are up to date."));
    assertTrue(sh("dvc repro --executor slurm").contains("Data and pipelines are up to date."));
  }

  @Test
  void aStageThatFails_fails_andWhatNeedsItDoesNotRun() throws IOException {
    pipeline(
        """
        stages:
          bad: {cmd: "echo half > a.txt; exit 7", deps: [in.txt], outs: [a.txt]}
          next: {cmd: cp a.txt b.txt, deps: [a.txt], outs: [b.txt]}
          good: {cmd: cp in.txt c.txt, deps: [in.txt], outs: [c.txt]}
        """);
    Outcome outcome = run("dvc repro --executor slurm -k");
    assertEquals(255, outcome.exit(), outcome::toString);
    assertTrue(outcome.err().contains("exit 7, exited with 7"), outcome::toString);
    assertTrue(outcome.err().contains("Stage 'next' will be skipped"), outcome::toString);
    assertTrue(outcome.err().contains("ERROR: failed to reproduce 'bad'\n"), outcome::toString);
    assertFalse(Files.exists(project().resolve("b.txt")));
    String lock = sh("cat dvc.lock");
    assertTrue(lock.contains("good:") && !lock.contains("bad") && !lock.contains("next"), lock);
    assertEquals("", sh("squeue -h"));
    Outcome refused =
        run(
            "sed -i 's/exit 7/&\\n/; s/outs: .a.txt./&, meta: {revfs: {resources: {partition:"
                + " nowhere}}}/' dvc.yaml; dvc repro --executor slurm bad");
    assertEquals(255, refused.exit());
    assertTrue(refused.err().contains("sbatch: "), refused::toString);
    Outcome unknown =
        run("sed -i 's/partition: nowhere/color: red/' dvc.yaml; dvc repro --executor slurm bad");
    assertEquals(255, unknown.exit());
    assertTrue(unknown.err().contains("has no 'color'"), unknown::toString);
  }

  @Test
  void controlC_cancelsTheJobs() throws IOException {
    pipeline(
        """
        stages:
          long: {cmd: "echo half > a.txt; sleep 600", deps: [in.txt], outs: [a.txt]}
          next: {cmd: cp a.txt b.txt, deps: [a.txt], outs: [b.txt]}
        """);
    String out =
        sh(
            "env --default-signal=INT dvc repro --executor slurm > log 2>&1 & p=$!;"
                + " until_so '[ -s a.txt ] && [ $(squeue -h | wc -l) = 2 ]'; kill -INT $p; wait $p;"
                + " echo $?; squeue -h; cat dvc.lock 2>/dev/null; true");
    assertEquals("252", out, sh("cat log"));
    pipeline("stages: {long: {cmd: cp in.txt a.txt, deps: [in.txt], outs: [a.txt]}}\n");
    assertEquals(0, run("dvc repro --executor slurm").exit());
  }

  @Test
  void aJobThatIsCancelled_failed() throws IOException {
    pipeline("stages: {long: {cmd: 'echo > up; sleep 600', outs: [a.txt]}}\n");
    Outcome cancelled =
        run(
            "(until_so '[ -e up ]'; scancel -n long) & dvc repro --executor slurm; e=$?; wait; exit"
                + " $e");
    assertEquals(255, cancelled.exit(), cancelled::toString);
    assertTrue(cancelled.err().contains("it was cancelled"), cancelled::toString);
  }

  /** All three at once, as each takes Slurm some time to see. */
  @Test
  void aLostNode_noMoreTime_andTooMuchMemory_areFailedStages() throws IOException {
    pipeline(
        """
        stages:
          long:
            cmd: echo $SLURMD_NODENAME > node; sleep 600
            outs: [a.txt]
            meta: {revfs: {resources: {partition: first}}}
          late:
            cmd: echo > late-up; sleep 600
            outs: [b.txt]
            meta: {revfs: {resources: {partition: second, time: 1}}}
          fat:
            cmd: head -c 300000000 /dev/zero | tail -n 1 | sleep 600
            outs: [c.txt]
            meta: {revfs: {resources: {partition: second, memory: 50M}}}
          next: {cmd: cp c.txt d.txt, deps: [c.txt], outs: [d.txt]}
        """);
    Outcome[] outcome = new Outcome[1];
    Thread repro =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    outcome[0] = run("dvc repro --executor slurm -k");
                  } catch (IOException e) {
                    outcome[0] = new Outcome(-1, "", e.toString());
                  }
                });
    String node = sh("until_so '[ -s node ]'; cat node");
    slurm.kill(node);
    sh(
        "until_so '[ -e late-up ]'; scontrol update jobid=$(squeue -h -n late -o %i)"
            + " EndTime=now"); // Slurm counts in minutes
    try {
      repro.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    String said = outcome[0].err();
    assertEquals(255, outcome[0].exit(), outcome[0]::toString);
    assertTrue(said.contains("the node " + node + " was lost"), outcome[0]::toString);
    assertTrue(said.contains("its time was over"), outcome[0]::toString);
    assertTrue(said.contains("its memory was not enough"), outcome[0]::toString);
    assertTrue(said.contains("Stage 'next' will be skipped"), outcome[0]::toString);
    assertEquals("", sh("cat dvc.lock 2>/dev/null; true"));
  }

  @Test
  void experimentsOfTheQueue_areJobs() throws IOException {
    Files.writeString(project().resolve("params.yaml"), "n: 0\n");
    pipeline(
        """
        stages:
          one:
            cmd: test $(cut -d' ' -f2 params.yaml) != 3 && echo $DVC_EXP_NAME $SLURM_JOB_ID > a.txt
            params: [n]
            outs: [a.txt]
          two: {cmd: cat a.txt params.yaml > b.txt, deps: [a.txt], outs: [b.txt]}
        """);
    String unused = sh("git add -A && git commit -qm base");
    unused = sh("dvc exp run -q --queue --executor slurm -n e -S n=1,2");
    unused = sh("dvc exp run -q --queue -n late -S n=4 && dvc exp run -q --queue -n bad -S n=3");
    Outcome all = run("dvc exp run --run-all -j 2 --executor slurm");
    assertEquals(255, all.exit(), all::toString);
    assertTrue(all.out().contains("submitted as job "), all::toString);
    assertTrue(all.err().contains("Failed to reproduce experiment(s) 'bad'"), all::toString);
    assertEquals("e-1\ne-2\nlate", sh("dvc exp list --name-only | sort"));
    unused = sh("dvc exp apply -q late");
    assertTrue(sh("cat b.txt").matches("late \\d+\nn: 4"), sh("cat b.txt"));
    assertTrue(sh("dvc queue logs bad").contains("exited with 1"), sh("dvc queue logs bad"));
    assertEquals("", sh("squeue -h; ls .dvc/tmp/slurm 2>&1 || true"));
  }

  @Test
  void jobsOfAnExperiment_whoseRunnerIsKilled_areCancelled_andItRunsAgain() throws IOException {
    Files.writeString(project().resolve("params.yaml"), "n: 0\n");
    pipeline(
        """
        stages:
          one:
            cmd: 'echo begun >> %s/begun; test -e %s/go || sleep 600; cp params.yaml a.txt'
            params: [n]
            outs: [a.txt]
        """
            .formatted(shared(), shared()));
    String unused = sh("git add -A && git commit -qm base");
    unused = sh("dvc exp run -q --queue -n k -S n=1 && dvc queue start --executor slurm");
    String runner = sh("until_so '[ -s %s/begun ]'; dvc exp show --json".formatted(shared()));
    String pid = runner.replaceAll("(?s).*\"pid\": ?(\\d+).*", "$1");
    unused = sh("touch %s/go; kill -9 %s; dvc exp run -q --run-all".formatted(shared(), pid));
    assertEquals("k", sh("dvc exp list --name-only"));
    assertEquals("2", sh("grep -c begun %s/begun".formatted(shared())));
    assertEquals("", sh("squeue -h"));
  }

  /** Fifty files that only the remote has; no other test has the same. */
  private void data() throws IOException {
    String unused =
        sh(
            "dvc remote add -q -d r '%s-remote' && mkdir data && for i in $(seq 50); do echo $(basename $PWD) $i > data/$i; done"
                    .formatted(project())
                + " && dvc add -q data && dvc push -q && rm -rf data .dvc/cache/files"
                + " && echo n: 0 > params.yaml");
  }

  /** Objects in the project's cache and in revfs' own; lists are not counted. */
  private int objects() throws IOException {
    return Integer.parseInt(
        sh(
            "find .dvc/cache/files %s/home/.cache/revfs/files -type f ! -name '*.dir' 2>/dev/null | wc -l"
                .formatted(shared())));
  }

  @Test
  void stagesInAnAttachedCopy_areRecorded_andFetchWhatTheyRead() throws IOException {
    data();
    pipeline(
        """
        stages:
          one:
            cmd:
            - cat data/7 hidden.txt > a.txt
            deps: [data]
            outs: [a.txt]
          two: {cmd: cat a.txt > b.txt, deps: [a.txt, in.txt], outs: [b.txt]}
        """);
    String unused = sh("echo 2 > hidden.txt; git add -A && git commit -qm base && revfs attach -q");
    try {
      int before = objects();
      Outcome first = run("dvc repro --executor slurm");
      assertEquals(0, first.exit(), first::toString);
      assertTrue(first.err().contains("stage 'one' read 'hidden.txt', which it"), first::toString);
      assertTrue(first.err().contains("'two' depends on 'in.txt', and did not"), first::toString);
      assertEquals("2", sh("tail -n 1 b.txt"));
      assertEquals(before + 2, objects(), "data/7, and what both stages made");
      assertTrue(sh("cat revfs.lock").contains("hidden.txt"), first::toString);
      assertTrue(sh("dvc repro").contains("Data and pipelines are up to date."));
      Outcome again = run("echo 3 > hidden.txt; dvc repro --executor slurm");
      assertTrue(again.out().contains("Running stage 'one'"), again::toString);
      assertEquals("3", sh("tail -n 1 b.txt"));
      unused =
          sh("sed -i 's/outs: .b.txt./&, meta: {revfs: {resources: {partition: away}}}/' dvc.yaml");
      Outcome away = run("dvc repro -f -s two --executor slurm");
      assertEquals(0, away.exit(), away::toString);
      assertTrue(away.err().contains("'two' cannot be recorded on "), away::toString);
      Outcome must = run("dvc repro -f -s two --executor slurm --record");
      assertEquals(255, must.exit(), must::toString);
      assertTrue(must.err().contains("'two' cannot be recorded on "), must::toString);
    } finally {
      unused = sh("cd /; revfs detach -q --lazy '" + project() + "'");
    }
  }

  @Test
  void experiments_seeAllData_andFetchWhatTheyRead_orHaveItLinkedElsewhere() throws IOException {
    data();
    pipeline(
        """
        stages:
          one: {cmd: 'cat data/7 params.yaml > a.txt', deps: [data], params: [n], outs: [a.txt]}
          two: {cmd: 'ls data | wc -l; cat a.txt > b.txt', deps: [a.txt], outs: [b.txt]}
        """);
    String unused = sh("git add -A && git commit -qm base");
    int before = objects();
    unused = sh("dvc exp run -q --queue -n e -S n=1,2");
    Outcome all = run("dvc exp run --run-all -j 2 --executor slurm");
    assertEquals(0, all.exit(), all::toString);
    assertTrue(all.out().contains("submitted as job "), all::toString);
    assertTrue(all.out().contains("two | 50\n"), all::toString);
    assertFalse((all.out() + all.err()).contains("linked"), all::toString);
    assertEquals(before + 3, objects(), "data/7, and what both made");
    String trace = sh("revfs trace show e-1");
    assertTrue(trace.contains("data/7"), trace);
    assertFalse(trace.contains("data/8"), trace);
    assertEquals("", sh("ls .dvc/tmp/exps/views"));
    unused =
        sh(
            "dvc fetch -q && sed -i 's/outs: .b.txt./&, meta: {revfs: {resources: {partition:"
                + " away}}}/' dvc.yaml");
    Outcome away = run("dvc exp run --temp --executor slurm -n away -S n=3");
    assertEquals(0, away.exit(), away::toString);
    assertTrue(away.err().contains("WARNING: data is linked to the cache"), away::toString);
    assertTrue(away.out().contains("two | 50\n"), away::toString);
    assertEquals("n: 3", sh("dvc exp apply -q away && tail -n 1 b.txt"));
  }

  @Test
  void killedDaemon_whoseExperimentIsAJob_itRunsAgain_andNothingIsLeft() throws IOException {
    data();
    pipeline(
        """
        stages:
          one:
            cmd: 'cat data/7 > a.txt; echo >> %1$s/started; until [ -e %1$s/on ]; do sleep 0.1; done'
            deps: [data]
            params: [n]
            outs: [a.txt]
        """
            .formatted(shared()));
    String unused = sh("git add -A && git commit -qm base");
    unused = sh("dvc exp run -q --queue -n k -S n=1 && dvc queue start --executor slurm");
    unused =
        sh(
            """
            until_so '[ -s %1$s/started ]'
            kill -9 $(revfs daemon status --json | tr ',' '\\n' | sed -n 's/[^a-z]*pid[^0-9]*//p')
            touch %1$s/on
            until_so 'revfs daemon start -q'
            """
                .formatted(shared()));
    unused = sh("dvc exp run -q --run-all --executor slurm");
    assertEquals("k", sh("dvc exp list --name-only"));
    assertEquals(
        project().getFileName() + " 7",
        sh("dvc get -q . a.txt --rev k -o got && cat got && rm got"));
    assertEquals("", sh("until_so '[ -z \"$(squeue -h)\" ]'; ls .dvc/tmp/exps/views"));
    assertEquals("", sh("grep exps/views /proc/self/mountinfo; true"));
  }
}
