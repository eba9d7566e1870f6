package io.revfs.fuse.kernel;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/** The hot path allocates nothing for a request, by JMH's gc profiler. */
class AllocationTest {
  @Test
  void aReadOfALocalFile_allocatesNothing() throws Exception {
    RunResult result =
        new Runner(
                new OptionsBuilder()
                    .include(ReadBenchmark.class.getSimpleName())
                    .addProfiler(GCProfiler.class)
                    .forks(0)
                    .warmupIterations(3)
                    .warmupTime(TimeValue.seconds(1))
                    .measurementIterations(2)
                    .measurementTime(TimeValue.seconds(1))
                    .build())
            .runSingle();
    var allocated = result.getSecondaryResults().get("gc.alloc.rate.norm");
    assertTrue(allocated.getScore() < 1, allocated.toString()); // bytes for one request
  }
}
