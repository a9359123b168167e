package io.lorashear.spark.source;

import io.lorashear.settings.Default;
import io.lorashear.settings.Problems;
import io.lorashear.settings.Withers;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * One source of a corpus.
 *
 * @param corpus which of the known corpora it is; determines how {@code format: auto} recognises
 *     files
 * @param name name in manifests and weights; the corpus's name if unset
 * @param paths files, folders or globs, local or of any file system Hadoop knows
 * @param format how its files are read
 * @param textField field (or column) with the text
 * @param separator string that ends a document inside a text file
 * @param sentencesPerDocument lines of a sentence-per-line file that make one document
 * @param firstRecords read only this many records of each file
 * @param licence terms of its text, if they differ from the corpus's usual ones
 */
public record SourceSettings(
    @Default("other") Corpus corpus,
    Optional<String> name,
    List<Path> paths,
    @Default("auto") Format format,
    @Default("text") String textField,
    Optional<String> separator,
    @Default("500") int sentencesPerDocument,
    Optional<Long> firstRecords,
    Optional<String> licence)
    implements Withers<SourceSettings> {

  /** A source of which only the corpus and the paths are given. */
  public static SourceSettings of(Corpus corpus, Path... paths) {
    return new SourceSettings(
        corpus,
        Optional.empty(),
        List.of(paths),
        Format.AUTO,
        "text",
        Optional.empty(),
        500,
        Optional.empty(),
        Optional.empty());
  }

  /** Its name: the given one, or that of the corpus. */
  public String label() {
    return name.orElse(corpus.word());
  }

  /** The terms of its text, in words. */
  public String terms() {
    return licence.or(corpus::licence).orElse("not stated");
  }

  /** A warning that the user must see before the text is used; empty if there is none. */
  public Optional<String> warning() {
    return corpus.nonCommercial() && licence.isEmpty()
        ? Optional.of(
            "%s: %s. A model trained on it must not be used commercially."
                .formatted(label(), terms()))
        : Optional.empty();
  }

  void check(Problems problems) {
    problems.require(!paths.isEmpty(), "paths", "is empty: name at least one file, folder or glob");
    problems.require(
        label().matches("[a-z0-9][a-z0-9_-]*"),
        "name",
        "is %s: use lower-case letters, digits, dashes and underscores",
        label());
    problems.require(
        sentencesPerDocument >= 1,
        "sentencesPerDocument",
        "is %d: at least 1 is needed",
        sentencesPerDocument);
    problems.require(
        firstRecords.orElse(1L) >= 1,
        "firstRecords",
        "is %d: at least 1 is needed",
        firstRecords.orElse(1L));
  }
}
