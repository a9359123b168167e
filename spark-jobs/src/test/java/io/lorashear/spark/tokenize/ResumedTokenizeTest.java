package io.lorashear.spark.tokenize;

import static io.lorashear.spark.tokenize.SomeCorpora.bytes;
import static io.lorashear.spark.tokenize.SomeCorpora.publish;
import static io.lorashear.spark.tokenize.SomeCorpora.stage;
import static io.lorashear.spark.tokenize.SomeCorpora.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A corpus that is made again after a kill. */
class ResumedTokenizeTest {
  private static final String TRAIN = "source=web/split=train/part-00001.parquet";
  private static final SomeDocuments DOCUMENTS = SomeDocuments.of(60, 40);

  @TempDir static Path folder;
  private static SomeCorpora corpora;
  private static Path corpus;

  @BeforeAll
  static void corpus() throws IOException {
    corpora = SomeCorpora.in(folder);
    corpus = corpora.published(DOCUMENTS, 1, corpora.settings());
  }

  @Test
  void finishedShardsAreNotMadeAgain() throws IOException {
    var target = Files.createTempDirectory(folder, "corpus").resolve("published");
    var times = new TreeMap<String, FileTime>();
    assertThatThrownBy(
            () ->
                stage(target, corpora.settings())
                    .run(
                        output -> {
                          write(DOCUMENTS.in(3), corpora.settings(), output);
                          var shards = output.directory().resolve("sequences");
                          Files.delete(shards.resolve(TRAIN));
                          times.putAll(times(shards));
                          throw new IllegalStateException("killed");
                        }))
        .hasMessage("killed");
    publish(DOCUMENTS.in(2), target, corpora.settings());
    assertThat(bytes(target)).isEqualTo(bytes(corpus));
    var after = times(target.resolve("sequences"));
    assertThat(after).containsKey(TRAIN).containsAllEntriesOf(times);
    assertThat(times).hasSizeGreaterThan(2).doesNotContainKey(TRAIN);
  }

  private static Map<String, FileTime> times(Path folder) throws IOException {
    var times = new TreeMap<String, FileTime>();
    try (var files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        times.put(folder.relativize(file).toString(), Files.getLastModifiedTime(file));
      }
    }
    return times;
  }
}
