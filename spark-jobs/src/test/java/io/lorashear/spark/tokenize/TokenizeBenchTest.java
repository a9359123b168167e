package io.lorashear.spark.tokenize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorashear.InputException;
import io.lorashear.run.Stage;
import io.lorashear.settings.Settings;
import io.lorashear.spark.LocalSpark;
import io.lorashear.tokenizer.SmallTokenizers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenizeBenchTest {
  record NoSettings() {}

  @TempDir Path folder;

  @Test
  void itSaysHowMuchOfTheLimitTheStageReachesAndLeavesNothing() throws IOException {
    var documents = published(SomeDocuments.of(60, 40));
    var overrides =
        List.of(
            "documents=" + documents,
            "tokenizer=" + SmallTokenizers.byteLevel(folder),
            "output=" + folder.resolve("out"),
            "validation.share=0.2");
    var settings = Settings.defaults(TokenizeSettings.class, overrides);
    var measured = new TokenizeBench(LocalSpark.session(), settings, 1).measure();
    var json = measured.toJson();
    double bytes = 0;
    for (var row : SomeDocuments.of(60, 40).rows()) {
      bytes += (row.getString(2) + row.getString(3)).getBytes(StandardCharsets.UTF_8).length;
    }
    assertThat(json.path("megabytes").asDouble()).isBetween(0.95e-6 * bytes, 1.05e-6 * bytes);
    assertThat(json.path("megabytes_per_second").asDouble()).isPositive();
    assertThat(json.path("fraction_of_limit").asDouble()).isPositive();
    assertThat(json.path("threads").asInt()).isEqualTo(2);
    assertThat(folder.resolve("out")).doesNotExist();
  }

  @Test
  void anOutputThatIsThereIsNotRemoved() throws IOException {
    var overrides = List.of("documents=d", "tokenizer=t", "output=" + folder);
    var settings = Settings.defaults(TokenizeSettings.class, overrides);
    assertThatThrownBy(() -> new TokenizeBench(LocalSpark.session(), settings, 1).measure())
        .isInstanceOf(InputException.class)
        .hasMessage(
            "output is %s, which exists: the benchmark writes there and removes it afterwards, so"
                + " name a folder that does not exist, or leave output out",
            folder);
    assertThat(folder).exists();
  }

  private Path published(SomeDocuments documents) {
    var target = folder.resolve("documents");
    Stage.of("ingest", target, new NoSettings(), TokenizeBenchTest.class)
        .run(
            output -> {
              output.manifest().put("kind", "documents");
              documents.in(2).write().parquet(output.directory().resolve("documents").toString());
            });
    return target;
  }
}
