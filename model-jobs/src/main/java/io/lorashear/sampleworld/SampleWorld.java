package io.lorashear.sampleworld;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import io.lorashear.run.Publication;
import io.lorashear.tokenizer.BytePairTrainer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Writes a sample world: the same bytes for the same seed and number of documents.
 *
 * <pre>
 *   wikipedia/   openwebtext/   gutenberg/   bookcorpus/   alpaca/     the five sources
 *   benchmarks/world.jsonl      questions: {"id", "context", "choices", "answer"} a line
 *   benchmarks/world-cloze.jsonl  the same facts as sentences to complete
 *   tokenizer.json              a byte-level BPE of 1,024 tokens, trained on the ordinary records
 *   truth.json                  what was planted where, and what becomes of it
 *   broken/                     files cut off, for trying how a job refuses them
 *   manifest.json               size and SHA-256 of every file
 * </pre>
 *
 * <p>Of {@code documents}, three tenths each are web pages and articles and a twentieth each books
 * of both kinds; there are two instructions a document. Planted records come on top.
 */
public final class SampleWorld {
  /** The multiple-choice file, relative to the sample's folder. */
  public static final String BENCHMARK = "benchmarks/world.jsonl";

  /** The same facts as sentences to complete; easier for a small model. */
  public static final String CLOZE = "benchmarks/world-cloze.jsonl";

  /** A tokenizer for small models of this world, relative to the sample's folder. */
  public static final String TOKENIZER = "tokenizer.json";

  /** The list of what was planted, relative to the sample's folder. */
  public static final String TRUTH = "truth.json";

  private static final int VOCABULARY = 1024;
  private static final int FEWEST_DOCUMENTS = 20;
  private static final int MOST_DOCUMENTS = 100_000;

  /**
   * What was written.
   *
   * @param directory where
   * @param records of each source, planted ones among them
   * @param planted records of each source
   * @param bytes of all files, as they lie on the disk
   * @param questions in the multiple-choice file
   */
  public record Summary(
      Path directory,
      Map<String, Integer> records,
      Map<String, Integer> planted,
      long bytes,
      int questions) {}

  private SampleWorld() {}

  /**
   * Writes the world and publishes the folder; a sample that was there before is replaced.
   *
   * @param documents between 20 and 100,000
   * @throws InputException if the number is out of range, or the folder holds files that are no
   *     publication
   */
  public static Summary write(Path directory, long seed, int documents) {
    check(documents);
    Publication.check(directory);
    var world = new World(seed);
    var questions = MultipleChoice.questions(world, seed);
    var corpora = corpora(world, seed, documents, questions);
    var broken = new BrokenFiles(corpora);
    var files = new TreeMap<String, byte[]>();
    corpora.forEach(corpus -> files.putAll(corpus.files()));
    files.putAll(broken.files());
    files.put(BENCHMARK, MultipleChoice.asked(questions));
    files.put(CLOZE, MultipleChoice.begun(world, seed, questions));
    files.put(TOKENIZER, tokenizer(corpora));
    files.put(TRUTH, truth(world, seed, documents, questions, corpora, broken));
    publish(directory, files, manifest(seed, documents));
    var bytes = files.values().stream().mapToLong(content -> content.length).sum();
    return new Summary(
        directory, records(corpora, false), records(corpora, true), bytes, questions.size());
  }

  private static List<Corpus> corpora(
      World world, long seed, int documents, List<MultipleChoice.Question> questions) {
    return List.of(
        new Wikipedia(world, seed, questions).write(3 * documents / 10),
        new OpenWebText(world, seed, questions).write(3 * documents / 10),
        new Gutenberg(world, seed, questions).write(documents / 20),
        new BookCorpus(world, seed, questions).write(documents / 20),
        new Alpaca(world, seed, questions).write(2 * documents));
  }

  private static byte[] tokenizer(List<Corpus> corpora) {
    var trainer = new BytePairTrainer();
    for (var corpus : corpora) {
      corpus.items().stream()
          .filter(item -> item.plant == null)
          .forEach(item -> trainer.add(item.text()));
    }
    return trainer.train(VOCABULARY).json().getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] truth(
      World world,
      long seed,
      int documents,
      List<MultipleChoice.Question> questions,
      List<Corpus> corpora,
      BrokenFiles broken) {
    var truth = new Truth(seed, documents);
    corpora.forEach(truth::add);
    return truth.facts(world, questions).broken(broken.reasons()).bytes();
  }

  private static Map<String, Integer> records(List<Corpus> corpora, boolean planted) {
    return corpora.stream()
        .collect(
            Collectors.toMap(
                Corpus::source,
                corpus ->
                    (int)
                        corpus.items().stream()
                            .filter(item -> !planted || item.plant != null)
                            .count(),
                Integer::sum,
                TreeMap::new));
  }

  private static void check(int documents) {
    if (documents < FEWEST_DOCUMENTS || documents > MOST_DOCUMENTS) {
      throw new InputException(
          "%d documents: give a number between %d and %d, for example 400",
          documents, FEWEST_DOCUMENTS, MOST_DOCUMENTS);
    }
  }

  private static ObjectNode manifest(long seed, int documents) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("stage", "sample")
        .put("kind", "sample-world")
        .put("seed", seed)
        .put("documents", documents);
  }

  /** All files or none. */
  private static void publish(Path directory, Map<String, byte[]> files, ObjectNode manifest) {
    try (var publication = Publication.begin(directory)) {
      for (var file : files.entrySet()) {
        var path = publication.directory().resolve(file.getKey());
        Files.createDirectories(path.getParent());
        Files.write(path, file.getValue());
      }
      publication.publish(manifest);
    } catch (IOException e) {
      throw new InputException(e, "cannot write to %s: %s", directory, e);
    }
  }
}
