package io.lorashear.sampleworld;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** What was planted where, and what a careful reader makes of it, as JSON. */
final class Truth {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private final ObjectNode root = JSON.createObjectNode();
  private final ObjectNode sources;

  Truth(long seed, int documents) {
    root.put("format", 1).put("seed", seed).put("documents", documents);
    root.putObject("likeness")
        .put("measure", "Jaccard")
        .put("shingleWords", Shingles.WORDS)
        .put("words", "runs of letters and digits in lower case");
    sources = root.putObject("sources");
    root.putArray("planted");
  }

  Truth add(Corpus corpus) {
    var source = sources.putObject(corpus.source());
    var files = source.putArray("files");
    corpus.files().keySet().stream().sorted().forEach(files::add);
    source.put("records", corpus.items().size());
    source.put("ordinary", corpus.items().stream().filter(item -> item.plant == null).count());
    var counts = new TreeMap<String, Integer>();
    for (var item : corpus.items()) {
      if (item.plant != null) {
        counts.merge(item.plant.kind(), 1, Integer::sum);
        plant(corpus.source(), item, item.plant);
      }
    }
    counts.forEach(source.putObject("plantedByKind")::put);
    return this;
  }

  private void plant(String source, Item item, Plant plant) {
    var node = root.withArray("planted").addObject();
    node.put("source", source);
    stands(node, item.place());
    node.put("kind", plant.kind())
        .put("outcome", plant.outcome().name().toLowerCase(Locale.ROOT))
        .put("stage", plant.stage())
        .put("reason", plant.reason());
    if (plant.original() != null) {
      stands(node.putObject("of"), plant.original().place());
    }
    if (plant.jaccard() != null) {
      node.put("jaccard", plant.jaccard());
    }
    plant.removed().forEach(node.putArray("removed")::add);
    if (plant.expected() != null) {
      node.put("expected", plant.expected());
    }
    if (plant.question() != null) {
      node.put("question", plant.question());
    }
  }

  private static void stands(ObjectNode node, Place place) {
    node.put("file", place.file()).put("record", place.record());
    if (place.offset() >= 0) {
      node.put("offset", place.offset());
    }
  }

  Truth facts(World world, List<MultipleChoice.Question> questions) {
    root.putObject("benchmark")
        .put("file", SampleWorld.BENCHMARK)
        .put("questions", questions.size());
    var facts = root.putArray("facts");
    for (var fact : world.facts()) {
      facts
          .addObject()
          .put("subject", fact.subject())
          .put("relation", fact.relation().name().toLowerCase(Locale.ROOT))
          .put("value", fact.value());
    }
    return this;
  }

  /** Files that no reader can read to the end, with what is wrong. */
  Truth broken(Map<String, String> files) {
    var broken = root.putArray("broken");
    files.forEach((file, reason) -> broken.addObject().put("file", file).put("reason", reason));
    return this;
  }

  byte[] bytes() {
    try {
      return (JSON.writeValueAsString(root).replace("\r\n", "\n") + "\n")
          .getBytes(StandardCharsets.UTF_8);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
