package io.lorashear.spark.ingest;

import io.lorashear.settings.Default;
import io.lorashear.settings.Problems;
import io.lorashear.spark.clean.CleaningSettings;
import io.lorashear.spark.decontaminate.DecontaminationSettings;
import io.lorashear.spark.dedup.DuplicateSettings;
import io.lorashear.spark.source.LimitSettings;
import io.lorashear.spark.source.SourceSettings;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;

/**
 * Which corpora become documents, and how they are cleaned.
 *
 * @param sources read in this order
 * @param tokenizer {@code tokenizer.json} of the model the corpus is for, or its folder: lengths
 *     are counted in its tokens
 * @param output folder that is published
 * @param earlier folders that were published before from the same sources: a file that one of them
 *     has read is not read again, and a document that repeats one of theirs is left out
 * @param duplicates which repetitions of a text are left out
 * @param decontamination what a model is measured on, and must not learn from
 * @param badFiles what to do where a file cannot be read to its end
 * @param rowsPerFile about how many documents a published file holds
 */
public record IngestSettings(
    List<SourceSettings> sources,
    Path tokenizer,
    Path output,
    @Default("[]") List<Path> earlier,
    CleaningSettings cleaning,
    DuplicateSettings duplicates,
    DecontaminationSettings decontamination,
    @Default("fail") BadFiles badFiles,
    LimitSettings limits,
    @Default("50000") long rowsPerFile) {

  void check(Problems problems) {
    problems.require(!sources.isEmpty(), "sources is empty: name at least one corpus");
    var names = new HashSet<String>();
    for (var source : sources) {
      problems.require(
          names.add(source.label()),
          "sources: two are called %s: give one of them another name",
          source.label());
    }
    problems.require(rowsPerFile >= 1, "rowsPerFile is %d: at least 1 is needed", rowsPerFile);
  }
}
