package io.lorashear.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorashear.InputException;
import io.lorashear.run.CacheFolder;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine.Command;

/** What a user sees of a command that fails, and what the shell. */
class FailuresTest {
  private final StringWriter told = new StringWriter();

  @Command(name = "work", mixinStandardHelpOptions = true)
  record Work(Throwable end) implements Callable<Integer> {
    @Override
    public Integer call() throws Exception {
      if (end instanceof Error error) {
        throw error;
      }
      throw (Exception) end;
    }
  }

  private int run(Throwable end, String... words) {
    return Failures.commandLine(new Work(end)).setErr(new PrintWriter(told)).execute(words);
  }

  @Test
  void whatTheUserCanMendIsTheMessageAlone() {
    assertThat(run(new InputException("a.txt is empty: give another file"))).isEqualTo(2);
    assertThat(told.toString().lines()).containsExactly("a.txt is empty: give another file");
  }

  @Test
  void theProblemIsFoundUnderWhatWrapsIt() {
    var wrapped = new IllegalStateException("job aborted", new InputException("b.gz breaks off"));
    assertThat(run(wrapped)).isEqualTo(2);
    assertThat(told.toString().lines()).containsExactly("b.gz breaks off");
  }

  @Test
  void aStoreWithoutItsClientNamesTheRemedy() {
    var missing =
        new ClassNotFoundException("Class org.apache.hadoop.fs.s3a.S3AFileSystem not found");
    assertThat(run(new IllegalStateException(missing))).isEqualTo(2);
    assertThat(told.toString().lines())
        .containsExactly(
            "addresses under s3a:// need Hadoop's S3 client, which is not here: start by"
                + " LORASHEAR_S3=yes bin/lorashear …, which brings it");
  }

  @Test
  void aCacheFolderThatCannotBeWrittenIsNamedWhereItMatters(@TempDir Path folder)
      throws IOException {
    var file = Files.writeString(folder.resolve("cache"), "");
    var unusable = new CacheFolder(file);
    var library = new InputException("tokenizer.json: Failed to load Huggingface native library.");
    assertThat(Failures.cacheHint(unusable, library))
        .contains(
            "the cache folder %s cannot be written or is full: native libraries and tokenizers are"
                    .formatted(file)
                + " kept there, so name another by LORASHEAR_CACHE");
    var written = new IllegalStateException(new FileSystemException(file + "/tokenizers"));
    assertThat(Failures.cacheHint(unusable, written)).isPresent();
    assertThat(Failures.cacheHint(unusable, new InputException("a.txt is empty"))).isEmpty();
    assertThat(Failures.cacheHint(new CacheFolder(folder.resolve("new")), library)).isEmpty();
  }

  @Test
  void anythingElseIsOneLineAboutItsFirstCause() {
    var disk = new IOException("No space left on device\n\tat a.place.of(no interest)");
    assertThat(run(new IllegalStateException("job aborted\n\tat some.frame", disk))).isEqualTo(1);
    assertThat(told.toString().lines())
        .containsExactly(
            "the work failed: IOException: No space left on device",
            "run again with --debug for the stack trace");
  }

  @Test
  void aFailureWithoutAMessageHasAName() {
    assertThat(run(new UnsupportedOperationException())).isEqualTo(1);
    assertThat(told.toString()).startsWith("the work failed: UnsupportedOperationException\n");
  }

  @Test
  void memoryThatRanOutNamesTheRemedy() {
    assertThat(run(new OutOfMemoryError("Java heap space"))).isEqualTo(1);
    assertThat(told.toString())
        .startsWith(
            "the work failed: memory ran out (Java heap space): give more by LORASHEAR_HEAP")
        .doesNotContain("\tat ");
  }

  @Test
  void aLibraryThatDoesNotLoadIsAFailureLikeAnother() {
    assertThat(run(new UnsatisfiedLinkError("no jni_lib in path"))).isEqualTo(1);
    assertThat(told.toString())
        .startsWith("the work failed: UnsatisfiedLinkError: no jni_lib in path");
  }

  @Test
  void debugShowsTheStackTrace() {
    assertThat(run(new InputException("a.txt is empty"), "--debug")).isEqualTo(2);
    assertThat(told.toString()).contains("InputException: a.txt is empty", "\tat io.lorashear");
  }

  @Test
  void helpNamesTheExitCodes() {
    var help = new StringWriter();
    var line = Failures.commandLine(new Work(new IOException())).setOut(new PrintWriter(help));
    assertThat(line.execute("--help")).isZero();
    assertThat(help.toString())
        .contains(
            "0          done",
            "1          the work failed",
            "2          bad input",
            "130, 143   stopped by");
  }
}
