package io.lorashear.card;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.corpus.CorpusManifest;
import io.lorashear.run.Nearby;
import io.lorashear.run.PublishedDirectory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One stage on the way to a model.
 *
 * @param folder what it published
 * @param corpus the text it learnt from, where that is still near it
 */
record Step(PublishedDirectory folder, Optional<CorpusManifest> corpus) {
  private static final String MANIFEST = "manifest.json";
  private static final String REPORT = "pruning.json";

  /** All stages whose results are still near each other, the first stage first. */
  static List<Step> before(Path model) {
    var steps = new ArrayList<Step>();
    var folder =
        Files.isRegularFile(model.resolve(MANIFEST))
            ? Optional.of(PublishedDirectory.open(model))
            : Optional.<PublishedDirectory>empty();
    while (folder.isPresent() && folder.get().manifest().has("stage")) {
      var step = of(folder.get());
      steps.add(0, step);
      folder = step.parent("checkpoint");
    }
    return List.copyOf(steps);
  }

  private static Step of(PublishedDirectory folder) {
    var step = new Step(folder, Optional.empty());
    var corpus = step.parent("corpus").map(found -> CorpusManifest.read(found.directory()));
    return new Step(folder, corpus);
  }

  private Optional<PublishedDirectory> parent(String role) {
    return Nearby.find(folder.directory(), hash(role));
  }

  /** Of something it read; empty where it read no such thing. */
  String hash(String role) {
    return parents().path(role).asText();
  }

  JsonNode parents() {
    return folder.manifest().path("parents");
  }

  String stage() {
    return folder.manifest().path("stage").asText();
  }

  JsonNode settings() {
    return folder.manifest().path("settings");
  }

  /** What pruning says it took out. */
  Optional<JsonNode> pruning() {
    return folder.files().stream().anyMatch(file -> file.name().equals(REPORT))
        ? Optional.of(JsonFile.read(folder.file(REPORT)))
        : Optional.empty();
  }
}
