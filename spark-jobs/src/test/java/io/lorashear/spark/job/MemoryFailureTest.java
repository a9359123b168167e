package io.lorashear.spark.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorashear.cli.Failures;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.Callable;
import org.apache.spark.SparkException;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.Command;

/**
 * The words with which Spark's task scheduler and its cluster managers tell of an executor's end.
 */
class MemoryFailureTest {
  private static final String LOST =
      "Job aborted due to stage failure: Task 0 in stage 3.0 failed 4 times, most recent failure:"
          + " Lost task 0.3 in stage 3.0 (TID 9) (10.0.0.7 executor 4): ExecutorLostFailure"
          + " (executor 4 exited caused by one of the running tasks) Reason: ";

  /** Ends as it is told. */
  @Command(name = "work")
  private record Work(Exception end) implements Callable<Integer> {
    @Override
    public Integer call() throws Exception {
      throw end;
    }
  }

  private static String told(Exception end) {
    var told = new StringWriter();
    assertThat(Failures.commandLine(new Work(end)).setErr(new PrintWriter(told)).execute())
        .isEqualTo(Failures.FAILED);
    return told.toString();
  }

  @Test
  void aFullHeapInATaskNamesTheHeapAndTheLongestRecord() {
    var cause = new OutOfMemoryError("Java heap space");
    assertThat(told(new SparkException("Job aborted due to stage failure", cause)))
        .startsWith(
            "the work failed: memory ran out (Java heap space): give more by LORASHEAR_HEAP, for"
                + " example LORASHEAR_HEAP=8g, on a cluster by spark.executor.memory, or")
        .contains("limits.recordBytes", "The same command goes on with what is finished");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Command exited with code 52",
        "The executor with id 4 exited with exit code 52(JVM OOM).",
        "Container from a bad node: container_1 on host: a. Exit status: 52. Diagnostics: x"
      })
  void anExecutorWhoseHeapIsFullNamesItsMemory(String reason) {
    assertThat(told(new SparkException(LOST + reason)))
        .startsWith(
            "the work failed: an executor died as its memory ran out (exit code 52): give executors"
                + " more by spark.executor.memory, for example")
        .contains("limits.recordBytes", "The same command goes on");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Command exited with code 137",
        "The executor with id 4 exited with exit code 137(SIGKILL, possible container OOM).",
        "Container killed by YARN for exceeding physical memory limits. 5.5 GB of 5.5 GB used"
      })
  void anExecutorThatWasKilledNamesWhatIsBesideTheHeap(String reason) {
    assertThat(told(new SparkException(LOST + reason)))
        .contains("was killed from outside", "spark.executor.memoryOverhead");
  }

  @Test
  void anExecutorWhoseShuffleFilesAreMissedNamesItsMemory() {
    var fetch =
        new SparkException(
            "Job aborted due to stage failure: ShuffleMapStage 3 has failed the maximum allowable"
                + " number of times: 4. Most recent failure reason:"
                + " org.apache.spark.shuffle.FetchFailedException\n\tat a.b(C.java:1)");
    var lost = new LostExecutors();
    assertThat(told(LostExecutors.explained(fetch))).doesNotContain("memory");
    lost.onExecutorRemoved(new SparkListenerExecutorRemoved(0, "1", "worker lost"));
    assertThat(told(LostExecutors.explained(fetch)))
        .contains("FetchFailedException; executors were lost before: worker lost")
        .doesNotContain("memory");
    lost.onExecutorRemoved(new SparkListenerExecutorRemoved(0, "2", "Command exited with code 52"));
    assertThat(told(LostExecutors.explained(fetch)))
        .startsWith("the work failed: an executor died as its memory ran out (exit code 52)");
    assertThat(told(LostExecutors.explained(new SparkException("another end"))))
        .contains("another end")
        .doesNotContain("memory");
  }

  @ParameterizedTest
  @ValueSource(strings = {"Command exited with code 1", "worker lost", "exited with code 521"})
  void anotherEndIsToldAsItIs(String reason) {
    assertThat(told(new SparkException(LOST + reason)))
        .startsWith("the work failed: SparkException: Job aborted")
        .doesNotContain("memory");
  }
}
