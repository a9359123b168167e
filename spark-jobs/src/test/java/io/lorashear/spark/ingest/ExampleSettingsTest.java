package io.lorashear.spark.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorashear.settings.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExampleSettingsTest {

  @Test
  void everyExampleIsUnderstoodAndNamesItsOwnCommand() throws IOException {
    var folder = Path.of("..", "conf", "ingest");
    try (var files = Files.list(folder)) {
      for (var file : files.sorted().toList()) {
        var settings = Settings.load(IngestSettings.class, file, List.of());
        assertThat(settings.sources()).as(file.toString()).isNotEmpty();
        assertThat(Files.readAllLines(file).get(0))
            .isEqualTo("# bin/lorashear ingest --config conf/ingest/" + file.getFileName());
      }
    }
  }
}
