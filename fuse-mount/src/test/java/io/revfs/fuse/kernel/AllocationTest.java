package io.revfs.fuse.kernel;

import io.revfs.fuse.Await;
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
    // What else this process does counts too, the more the fewer requests it is given time for.
    double[] allocated = {Double.MAX_VALUE};
    Await.until(
        () -> allocated[0] + " bytes for one request",
        () -> {
          allocated[0] = bytesForOneRequest();
          return allocated[0] < 1;
        });
  }

  private static double bytesForOneRequest() throws Exception {
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
    return result.getSecondaryResults().get("gc.alloc.rate.norm").getScore();
  }
}
