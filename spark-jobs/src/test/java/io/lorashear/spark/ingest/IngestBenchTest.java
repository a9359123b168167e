package io.lorashear.spark.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorashear.settings.Settings;
import io.lorashear.spark.LocalSpark;
import io.lorashear.tokenizer.SmallTokenizers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IngestBenchTest {
  @TempDir Path folder;

  @Test
  void everySourceHasItsSpeedAndTheShareOfItsTokens() throws IOException {
    var text = "Many a word, some of them “quoted”, and a line's end. ".repeat(200);
    var pages = folder.resolve("pages.jsonl");
    Files.writeString(pages, "{\"text\": \"%s\"}\n".formatted(text).repeat(60));
    var plain = Files.writeString(folder.resolve("plain.txt"), text.repeat(40));
    var file =
        Files.writeString(
            folder.resolve("ingest.yaml"),
            """
            sources:
              - {corpus: other, name: pages, paths: [%s]}
              - {corpus: other, name: plain, paths: [%s]}
            tokenizer: %s
            output: %s
            """
                .formatted(pages, plain, SmallTokenizers.byteLevel(folder), folder.resolve("out")));
    var settings = Settings.load(IngestSettings.class, file, List.of());
    var measured = new IngestBench(LocalSpark.session(), settings, 1).measure();
    var megabytes = text.getBytes(StandardCharsets.UTF_8).length * 60 / 1e6;
    var json = measured.toJson();
    assertThat(json.path("megabytes").asDouble()).isBetween(1.66 * megabytes, 1.67 * megabytes);
    assertThat(json.path("pages").asText())
        .matches(
            String.format(Locale.ROOT, "%.0f MB, ", megabytes)
                + "[0-9.]+ MB/s, [0-9.]+ a second of processor time, tokens [0-9]{1,2} %");
    assertThat(json.path("plain").asText()).contains(" MB/s, ", ", tokens ");
    assertThat(json.path("limit").asText()).isEqualTo("plain read");
    assertThat(folder.resolve("out")).doesNotExist();
  }
}
