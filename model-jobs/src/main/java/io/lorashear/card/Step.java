package io.lorashear.card;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.corpus.CorpusManifest;
import io.lorashear.run.Publication;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.run.Stage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One stage in the history of a model. A stage that writes a card puts all steps into its manifest
 * as {@code history}, so that a published folder describes them wherever it is copied.
 *
 * @param json {@code stage, settings, parents}; {@code sources}, the text that it read, with {@code
 *     name} and {@code licence}; {@code removed}, counts of pruned groups, {@code vocabulary} of
 *     tokens that went and {@code sparsity} of zeroed weights; {@code hash} of the manifest, which
 *     the last step lacks because this is its manifest
 */
record Step(JsonNode json) {
  private static final String HISTORY = "history";
  private static final String HASH = "hash";
  private static final String REPORT = "pruning.json";
  private static final List<String> OWN = List.of("stage", "settings", "parents");
  private static final List<String> COUNTS =
      List.of("parametersBefore", "parametersAfter", "groupsRemoved");
  private static final List<String> BY_MATRIX = List.of("matrices", "unreached");

  /** Field for zeros, if a step made some; it is next to the counts. */
  static final String SPARSITY = "sparsity";

  /** Field for matrices without a bias that could compensate for removed inputs. */
  static final String WITHOUT_BIAS = "withoutBias";

  /** Field for the tokens that went, if some did. */
  static final String VOCABULARY = "vocabulary";

  /** Text that a step read, and its licence. */
  record Source(String name, String licence) {}

  /** All steps of a model, the first stage first; empty if no stage published the model. */
  static List<Step> before(Path model) {
    if (!Files.isRegularFile(model.resolve(Publication.MANIFEST))) {
      return List.of();
    }
    var published = PublishedDirectory.open(model);
    var manifest = published.manifest();
    if (!manifest.has("stage")) {
      return List.of();
    }
    var steps = new ArrayList<Step>();
    manifest.path(HISTORY).forEach(json -> steps.add(new Step(json)));
    var last = steps.isEmpty() ? of(manifest, model).json : steps.remove(steps.size() - 1).json;
    steps.add(new Step(((ObjectNode) last).put(HASH, published.hash())));
    return List.copyOf(steps);
  }

  /**
   * {@code earlier} and the stage that is about to publish; all of them are put into its manifest.
   */
  static List<Step> after(List<Step> earlier, Path corpus, Stage.Output output) {
    var own = of(output.manifest(), output.directory());
    var sources = ((ObjectNode) own.json).putArray("sources");
    for (var source : CorpusManifest.read(corpus).sources()) {
      sources.addObject().put("name", source.name()).put("licence", source.licence());
    }
    var steps = new ArrayList<>(earlier);
    steps.add(own);
    var history = output.manifest().putArray(HISTORY);
    steps.forEach(step -> history.add(step.json.deepCopy()));
    return List.copyOf(steps);
  }

  private static Step of(JsonNode manifest, Path folder) {
    var json = JsonFile.object();
    OWN.forEach(field -> json.set(field, manifest.path(field)));
    if (Files.isRegularFile(folder.resolve(REPORT))) {
      var report = JsonFile.read(folder.resolve(REPORT));
      COUNTS.forEach(count -> json.withObject("/removed").put(count, report.path(count).asLong()));
      if (report.path("run").path(WITHOUT_BIAS) instanceof ArrayNode without) {
        json.withObject("/removed").set(WITHOUT_BIAS, without);
      }
      if (report.path(VOCABULARY) instanceof ObjectNode vocabulary) {
        json.withObject("/removed").set(VOCABULARY, vocabulary);
      }
      if (report.path(SPARSITY) instanceof ObjectNode sparsity) {
        json.withObject("/removed").set(SPARSITY, sparsity.deepCopy().without(BY_MATRIX));
      }
    }
    return new Step(json);
  }

  /** Hash of an input; empty if the stage read no such input. */
  String hash(String role) {
    return parents().path(role).asText();
  }

  /** Hash of the output; empty until it is published. */
  Optional<String> hash() {
    return Optional.of(json.path(HASH).asText()).filter(hash -> !hash.isEmpty());
  }

  JsonNode parents() {
    return json.path("parents");
  }

  String stage() {
    return json.path("stage").asText();
  }

  JsonNode settings() {
    return json.path("settings");
  }

  List<Source> sources() {
    var sources = new ArrayList<Source>();
    for (var source : json.path("sources")) {
      sources.add(new Source(source.path("name").asText(), source.path("licence").asText()));
    }
    return sources;
  }

  /** Counts of pruned groups, as pruning reported them. */
  Optional<JsonNode> removed() {
    return Optional.of(json.path("removed")).filter(JsonNode::isObject);
  }
}
