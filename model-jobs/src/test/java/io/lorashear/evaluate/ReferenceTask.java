package io.lorashear.evaluate;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorashear.reference.ReferenceData;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.stream.StreamSupport;
import java.util.zip.GZIPInputStream;

/** What lm-evaluation-harness 0.4.9.1 made of the first fifty items of a task. */
record ReferenceTask(String name, List<JsonNode> items) {

  static ReferenceTask read(String name) throws IOException {
    var file = ReferenceData.path("reference/smollm2-135m/tasks/" + name + ".json.gz");
    try (var in = new GZIPInputStream(Files.newInputStream(file))) {
      var items = new ObjectMapper().readTree(in);
      return new ReferenceTask(name, StreamSupport.stream(items.spliterator(), false).toList());
    }
  }

  static List<TextRequest> requests(JsonNode item) {
    return StreamSupport.stream(item.path("requests").spliterator(), false)
        .map(
            r -> new TextRequest(r.path("context").textValue(), r.path("continuation").textValue()))
        .toList();
  }
}
